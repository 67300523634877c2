import assert from "node:assert/strict";
import { isWavsError } from "@/domain/mod.ts";

/** Asserts that `work` fails with this code and says this; unless told so, that trying again would not help. */
export async function assertRefused(
  work: Promise<unknown>,
  code: string,
  message: RegExp,
  retryable = false,
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isWavsError(error, code), `${error}`);
    assert.match(error.message, message);
    assert.equal(error.retryable, retryable, "retryable");
    return true;
  });
}
