import { refuse } from "./filesystem_errors.ts";
import { MAX_PATH_CHARS, MAX_SYMLINKS_FOLLOWED } from "./limits.ts";

export interface ResolveOptions {
  /** Whether a symbolic link at the very end is followed or meant itself. */
  readonly followLast: boolean;
}

/**
 * Finds what a guest's path means below `root`, link by link, and never leaves `root`.
 *
 * The answer names no symbolic link but perhaps the last part, so the system call that follows goes where this walk
 * went. Guests cannot make symbolic links (the platform wants more than a scoped permission for it), so none appears
 * between the walk and the call; those an operator put there are followed as long as they stay inside.
 *
 * @param root an absolute path without symbolic links
 * @returns an absolute host path; what it names need not exist
 */
export function resolveBeneath(root: string, path: string, { followLast }: ResolveOptions): string {
  if (path === "") refuse("no-entry");
  if (path.length > MAX_PATH_CHARS) refuse("name-too-long");
  if (path.includes("\0")) refuse("invalid");
  const mustBeDirectory = /\/\.{0,2}$/.test(path);
  const pending = partsOf(path);
  const resolved: string[] = [];
  let links = 0;
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part === "..") {
      if (resolved.pop() === undefined) refuse("not-permitted");
      continue;
    }
    const host = [root, ...resolved, part].join("/");
    const isLast = pending.length === 0 && !mustBeDirectory;
    const info = lookUp(host);
    if (info?.isSymlink && !(isLast && !followLast)) {
      if (++links > MAX_SYMLINKS_FOLLOWED) refuse("loop");
      pending.unshift(...partsOf(Deno.readLinkSync(host)));
      continue;
    }
    // Only the last part may be missing, and only a directory has parts below it.
    if (info === undefined && pending.length > 0) refuse("no-entry");
    if (info !== undefined && !info.isDirectory && (pending.length > 0 || mustBeDirectory)) refuse("not-directory");
    resolved.push(part);
  }
  return [root, ...resolved].join("/");
}

/** The parts of a relative path; absolute ones, of guests and of links alike, would leave the root. */
function partsOf(path: string): string[] {
  if (path.startsWith("/")) refuse("not-permitted");
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function lookUp(host: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(host);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
