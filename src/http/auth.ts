import { createHash, timingSafeEqual } from "node:crypto";
import { HttpRefusal } from "./errors.ts";

/**
 * Lets a request pass when it carries the token (spec/wire.md 5.1).
 *
 * @throws HttpRefusal 401
 */
export function requireToken(request: Request, token: string): void {
  const match = /^Bearer +(.*)$/is.exec(request.headers.get("authorization") ?? "");
  if (match === null) throw refusal("invalid_request", "invalid_authorization_header");
  // A header holds bytes, one per character.
  const given = Uint8Array.from(match[1] ?? "", (char) => char.charCodeAt(0));
  if (!sameBytes(given, new TextEncoder().encode(token))) throw refusal("invalid_token", "token_mismatch");
}

function refusal(error: string, description: string): HttpRefusal {
  return new HttpRefusal(401, "Unauthorized", {
    "WWW-Authenticate": `Bearer realm="wavs", error="${error}", error_description="${description}"`,
  });
}

/** Compares hashes, so that the time taken tells neither where both differ nor how long the expected one is. */
function sameBytes(given: Uint8Array, expected: Uint8Array): boolean {
  const [left, right] = [given, expected].map((bytes) => createHash("sha256").update(bytes).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
