import { decodeText } from "../wavs/mod.ts";
import { httpRequest } from "../wavs/http.ts";

/** Where a price is to be had. */
export interface PriceSource {
  /** `{pair}` in it stands for the pair asked for. */
  readonly url: string;
  /** Names of the fields that lead to the price in the JSON answer. */
  readonly path: readonly string[];
}

/**
 * Reads sources separated by white space, each a URL with the path to the price after `#`:
 * `https://api.example.com/v2/{pair}/spot#data.amount`.
 */
export function parseSources(text: string): PriceSource[] {
  return text.trim().split(/\s+/).map((source) => {
    const [url = "", path] = source.split("#");
    if (path === undefined) throw new Error(`Cannot use source "${source}" because it has no #path.to.price`);
    return { url, path: path.split(".") };
  });
}

/** @throws Error naming the source when it has no price */
export function askSource({ url, path }: PriceSource, pair: string): number {
  const { status, body } = httpRequest(url.replaceAll("{pair}", encodeURIComponent(pair)));
  if (status !== 200) throw new Error(`Source "${url}" answered with status ${status}`);
  return readPrice(decodeText(body), { url, path });
}

function readPrice(answer: string, { url, path }: PriceSource): number {
  let value: unknown = parse(answer, url);
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  const price = typeof value === "number" || (typeof value === "string" && value !== "") ? Number(value) : NaN;
  if (!Number.isFinite(price) || price <= 0) throw new Error(`Source "${url}" has no price at "${path.join(".")}"`);
  return price;
}

function parse(answer: string, url: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    throw new Error(`Source "${url}" did not answer JSON`);
  }
}
