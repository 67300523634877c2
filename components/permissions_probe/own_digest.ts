import { host } from "../wavs/mod.ts";

/** Digest of the operator component of this workflow, 64 hex digits. */
export function ownDigest(): string {
  const { source } = host.getWorkflow().workflow.component;
  return source.tag === "digest" ? source.val : source.val.digest;
}
