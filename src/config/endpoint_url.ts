/** What stands where a part of an endpoint was left out. */
const HIDDEN = "***";

/**
 * The least length of a path segment that passes for an API key. Providers' keys have 20 characters and more; words in
 * paths (`ipfs`, `subscribe`, `v3`) are shorter.
 */
const MIN_KEY_CHARS = 20;

const URL_PARTS = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/i;

export interface RedactedUrl {
  readonly text: string;
  /** The parts that were left out. */
  readonly secrets: readonly string[];
}

/** Leaves out of an endpoint what providers use as credentials: user information, query values, keys in the path. */
export function redactUrl(url: string): RedactedUrl {
  const parts = URL_PARTS.exec(url.trim());
  if (parts === null) return { text: HIDDEN, secrets: [url] };
  const [, scheme = "", userInfo, host = "", path = "", query = "", fragment = ""] = parts;
  const secrets: string[] = [];
  const hide = (secret: string): string => {
    secrets.push(secret);
    return HIDDEN;
  };
  const user = userInfo === undefined ? "" : `${hide(userInfo)}@`;
  const segments = path.split("/").map((segment) => isKey(segment) ? hide(segment) : segment).join("/");
  const values = query.replace(/=([^&]+)/g, (_match, value: string) => `=${hide(value)}`);
  return { text: `${scheme}${user}${host}${segments}${values}${fragment === "" ? "" : `#${hide(fragment)}`}`, secrets };
}

function isKey(segment: string): boolean {
  return segment.length >= MIN_KEY_CHARS && /^[\w-]+$/.test(segment);
}
