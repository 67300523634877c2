/** The `wasi:filesystem` error-codes this host answers; thrown as they are, which the runtime takes for a WIT error. */
export type FilesystemErrorCode =
  | "access"
  | "bad-descriptor"
  | "busy"
  | "cross-device"
  | "exist"
  | "file-too-large"
  | "insufficient-memory"
  | "insufficient-space"
  | "invalid"
  | "io"
  | "is-directory"
  | "loop"
  | "name-too-long"
  | "no-entry"
  | "not-directory"
  | "not-empty"
  | "not-permitted"
  | "overflow"
  | "quota"
  | "read-only"
  | "too-many-links"
  | "unsupported";

const CODES: ReadonlyMap<unknown, FilesystemErrorCode> = new Map([
  ["EACCES", "access"],
  ["EBADF", "bad-descriptor"],
  ["EBUSY", "busy"],
  ["EDQUOT", "quota"],
  ["EEXIST", "exist"],
  ["EFBIG", "file-too-large"],
  ["EINVAL", "invalid"],
  ["EISDIR", "is-directory"],
  ["ELOOP", "loop"],
  ["EMFILE", "insufficient-memory"],
  ["EMLINK", "too-many-links"],
  ["ENAMETOOLONG", "name-too-long"],
  ["ENFILE", "insufficient-memory"],
  ["ENOENT", "no-entry"],
  ["ENOSPC", "insufficient-space"],
  ["ENOTDIR", "not-directory"],
  ["ENOTEMPTY", "not-empty"],
  ["EOVERFLOW", "overflow"],
  ["EPERM", "not-permitted"],
  ["EROFS", "read-only"],
  ["EXDEV", "cross-device"],
]);

/** Refuses an operation of the guest. */
export function refuse(code: FilesystemErrorCode): never {
  throw code;
}

/** Runs one operation; what the system answers becomes an error-code. */
export function attemptFile<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return refuse(filesystemCodeOf(error));
  }
}

export function filesystemCodeOf(error: Error): FilesystemErrorCode {
  // The worker's own permission is the second wall behind the path walk.
  if (error instanceof Deno.errors.NotCapable) return "not-permitted";
  return CODES.get("code" in error ? error.code : undefined) ?? "io";
}
