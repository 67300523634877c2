import { decodeText, encodeText } from "../wavs/mod.ts";
import { httpRequest } from "../wavs/http.ts";
import { parseJson } from "../wavs/json.ts";

/** The body of whatever answer comes, as text. */
export function fetchText(url: string): string {
  return decodeText(httpRequest(url).body);
}

/**
 * Posts a pair of strings to a service that tells what it was sent in the field `json`, and says what that was.
 *
 * @throws Error when it was something else
 */
export function postPair(url: string, pair: readonly [string, string]): string {
  const { body } = httpRequest(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: encodeText(JSON.stringify(pair)),
  });
  const [first, second] = parseJson(decodeText(body)).field("json").pair().map((item) => item.string());
  if (first !== pair[0] || second !== pair[1]) throw new Error("The post data is not the same as the one sent");
  return `PostResponse { json: (${JSON.stringify(first)}, ${JSON.stringify(second)}) }`;
}
