import { MEMORY, PERMISSIONS, UNSTABLE } from "./permissions.ts";

export interface PackOptions {
  /** Directory with `main.js`. */
  readonly bundle: string;
  readonly output: string;
  readonly version: string;
}

/**
 * Makes one file that works without the compiler's runtime: a shell stub with the running Deno and the bundle behind it.
 * The same sources and the same Deno give the same bytes.
 */
export async function pack({ bundle, output, version }: PackOptions): Promise<void> {
  const tree = await Deno.makeTempDir({ prefix: "wavs-pack-" });
  try {
    await Deno.copyFile(Deno.execPath(), `${tree}/deno`);
    await Deno.chmod(`${tree}/deno`, 0o755);
    await run("cp", ["-r", bundle, `${tree}/program`]);
    const payload = `${tree}.gz`;
    const order = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=a+rX,go-w"];
    await run("sh", [
      "-c",
      'tar -C "$1" -cf - "${@:3}" deno program | gzip -9n > "$2"'.replace('"${@:3}"', order.join(" ")),
      "pack",
      tree,
      payload,
    ]);
    const bytes = await Deno.readFile(payload);
    await Deno.remove(payload);
    const stub = await stubFor(bytes, version);
    const file = await Deno.open(output, { write: true, create: true, truncate: true, mode: 0o755 });
    for (const part of [stub, bytes]) for (let at = 0; at < part.length;) at += file.writeSync(part.subarray(at));
    file.close();
    await Deno.chmod(output, 0o755);
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

async function stubFor(payload: Uint8Array<ArrayBuffer>, version: string): Promise<Uint8Array> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", payload)).toHex();
  const template = await Deno.readTextFile(new URL("./stub.sh", import.meta.url));
  const flags = [...PERMISSIONS, "--deny-import", ...UNSTABLE, ...MEMORY].join(" ");
  const text = template.replaceAll("__VERSION__", version).replaceAll("__DENO__", Deno.version.deno)
    .replace("__SUM__", sum).replace("__FLAGS__", flags);
  // The offset is part of what it counts: its own digits settle after a turn or two.
  const encoder = new TextEncoder();
  let offset = 0;
  for (;;) {
    const bytes = encoder.encode(text.replace("__OFFSET__", String(offset)));
    if (bytes.length + 1 === offset) return bytes;
    offset = bytes.length + 1;
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
}
