import type { Category } from "../probes/types.ts";

/** What code that has broken out of its guest would try next, as statements of JavaScript. */
export interface PermissionAttack {
  readonly category: Category;
  readonly name: string;
  readonly source: string;
  /** The permission it needs, as the platform's audit log calls it; absent where that keeps no record. */
  readonly needs?: string;
}

/** Of every category one that does no harm where it is allowed, and then succeeds. */
export const HARMLESS: ReadonlySet<string> = new Set([
  "reads a file",
  "reads a variable",
  "runs a program",
  "asks for a pointer",
  "asks who runs the process",
  "fetches a page",
  "imports a file",
  "asks for permission",
]);

/** @param outside a file that is there and readable to the process; @param server an address that answers */
export function permissionAttacks(outside: string, server: string): readonly PermissionAttack[] {
  const path = JSON.stringify(outside);
  const attack = (name: string, needs: string | undefined, source: string) => ({
    name,
    source,
    ...(needs === undefined ? {} : { needs }),
  });
  return [
    ...inCategory("files", [
      attack("reads a file", "read", `return await Deno.readTextFile(${path})`),
      attack("reads a file at once", "read", `return Deno.readTextFileSync(${path})`),
      attack("opens a file", "read", `return (await Deno.open(${path})).close()`),
      attack("lists the root", "read", `return [...Deno.readDirSync("/")].length`),
      attack("asks for a file's size", "read", `return (await Deno.stat(${path})).size`),
      attack("asks where a link leads", "read", `return await Deno.realPath(${path})`),
      attack("watches a file", "read", `return Deno.watchFs(${path}).close()`),
      attack("reads the environment of the process", "read", `return await Deno.readTextFile("/proc/self/environ")`),
      attack("reads a file by way of fetch", "read", `return await (await fetch("file://" + ${path})).text()`),
      attack("reads a file as Node does", "read", `return (await import("node:fs")).readFileSync(${path}, "utf8")`),
      attack("writes a file", "write", `return await Deno.writeTextFile(${path}, "planted")`),
      attack("makes a temporary file", "write", `return await Deno.makeTempFile()`),
      attack("deletes a file", "write", `return await Deno.remove(${path})`),
      attack("renames a file", "read", `return await Deno.rename(${path}, ${path} + ".moved")`),
      attack("makes a symbolic link", undefined, `return await Deno.symlink("/etc", ${path} + ".link")`),
      attack("makes a file executable", "write", `return await Deno.chmod(${path}, 0o777)`),
      attack("opens a database", "read", `return new (await import("node:sqlite")).DatabaseSync(${path}).close()`),
    ]),
    ...inCategory("environment", [
      attack("reads a variable", "env", `return Deno.env.get("HOME")`),
      attack("reads all variables", "env", `return Object.keys(Deno.env.toObject()).length`),
      attack("sets a variable", "env", `return Deno.env.set("HOME", "/")`),
      attack("reads a variable as Node does", "env", `return (await import("node:process")).default.env.HOME.length`),
    ]),
    ...inCategory("programs", [
      attack("runs a program", undefined, `return await new Deno.Command("id").output()`),
      attack("runs a program as Node does", "env", `return (await import("node:child_process")).execSync("id").length`),
      attack("kills a process", undefined, `return Deno.kill(1, "SIGTERM")`),
    ]),
    ...inCategory("native code", [
      attack(
        "loads a library",
        "ffi",
        `return Deno.dlopen("libc.so.6", { getpid: { parameters: [], result: "i32" } })`,
      ),
      attack("asks for a pointer", "ffi", `return Deno.UnsafePointer.of(new Uint8Array(1)) !== null`),
      attack(
        "loads a native module",
        "ffi",
        `return (await import("node:process")).default.dlopen({ exports: {} }, "/tmp/x.node")`,
      ),
    ]),
    ...inCategory("system", [
      attack("asks for the name of the machine", "sys", `return Deno.hostname()`),
      attack("asks for the network interfaces", "sys", `return Deno.networkInterfaces().length`),
      attack("asks for the memory of the machine", "sys", `return Deno.systemMemoryInfo().total`),
      attack("asks who runs the process", "sys", `return Deno.uid()`),
    ]),
    ...inCategory("network", [
      attack("fetches a page", "net", `return (await fetch("http://${server}/")).status`),
      attack(
        "opens a socket",
        "net",
        `return (await Deno.connect({ hostname: "127.0.0.1", port: ${server.split(":")[1]} })).close()`,
      ),
      attack("opens a WebSocket", "net", `return new WebSocket("ws://${server}/").close()`),
      attack("listens", "net", `return Deno.listen({ hostname: "127.0.0.1", port: 0 }).close()`),
      attack("serves", "net", `return Deno.serve({ hostname: "127.0.0.1", port: 0 }, () => new Response()).addr.port`),
      attack("resolves a name", "net", `return await Deno.resolveDns("localhost", "A")`),
      attack(
        "listens on a socket of the file system",
        "read",
        `return Deno.listen({ transport: "unix", path: "/tmp/taken-over" }).close()`,
      ),
    ]),
    ...inCategory("imports", [
      attack("imports a file", "read", `return Object.keys(await import("file://" + ${path})).length`),
      attack(
        "imports from the network",
        "import",
        `return Object.keys(await import("http://${server}/module.js")).length`,
      ),
    ]),
    ...inCategory("permissions", [
      attack(
        "starts a worker that may do everything",
        undefined,
        `return new Worker("data:application/javascript,", { type: "module", deno: { permissions: { net: true, read: true } } })`,
      ),
      attack("keeps what it found for later", undefined, `return await (await caches.open("loot")).keys()`),
      attack("speaks to every isolate", undefined, `return new BroadcastChannel("wavs").close()`),
      attack("asks for permission", undefined, request("read")),
      attack("asks for permission to use the network", undefined, request("net")),
      attack("asks for permission to run programs", undefined, request("run")),
    ]),
  ];
}

function inCategory(
  category: Category,
  attacks: readonly Omit<PermissionAttack, "category">[],
): readonly PermissionAttack[] {
  return attacks.map((attack) => ({ ...attack, category }));
}

/** Nobody is there to be asked, and nobody may be. */
function request(name: string): string {
  return `const { state } = await Deno.permissions.request({ name: "${name}" });
    if (state !== "granted") throw new Error("Requires ${name} access, which is " + state);
    return state`;
}
