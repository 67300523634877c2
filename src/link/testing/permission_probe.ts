/// <reference lib="deno.worker" />
// Tries what each permission would allow and answers with the names of those it was granted.
const attempts: Record<string, () => unknown> = {
  env: () => Deno.env.get("HOME"),
  read: () => Deno.readTextFileSync("/etc/hostname"),
  write: () => Deno.writeTextFileSync("/dev/null", ""),
  run: () => new Deno.Command("true").outputSync(),
  sys: () => Deno.hostname(),
  net: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
  ffi: () => Deno.dlopen("/nonexistent.so", {}),
};

self.postMessage(
  Object.keys(attempts).filter((name) => {
    try {
      attempts[name]?.();
      return true;
    } catch (error) {
      return !(error instanceof Deno.errors.NotCapable);
    }
  }),
);
