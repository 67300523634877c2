import { timingSafeEqual } from "node:crypto";
import { HttpRefusal } from "./errors.ts";

/**
 * Lets a request pass when it carries the token (spec/wire.md 5.1).
 *
 * @throws HttpRefusal 401
 */
export function requireToken(request: Request, token: string): void {
  const match = /^Bearer +(.*)$/is.exec(request.headers.get("authorization") ?? "");
  if (match === null) throw refusal("invalid_request", "invalid_authorization_header");
  if (!sameText(match[1] ?? "", token)) throw refusal("invalid_token", "token_mismatch");
}

function refusal(error: string, description: string): HttpRefusal {
  return new HttpRefusal(401, "Unauthorized", {
    "WWW-Authenticate": `Bearer realm="wavs", error="${error}", error_description="${description}"`,
  });
}

/** Compares in a time that depends on the length of the given text only. */
function sameText(given: string, expected: string): boolean {
  const [left, right] = [given, expected].map((text) => new TextEncoder().encode(text));
  if (left === undefined || right === undefined || left.length !== right.length) return false;
  return timingSafeEqual(left, right);
}
