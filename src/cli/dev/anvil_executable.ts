import { WavsError } from "@/domain/errors.ts";

/** Exact, so that everybody develops against the same chain. */
const ANVIL_VERSION = "1.7.1";

/** Set to use an anvil of one's own. */
const ANVIL_ENV = "ANVIL";

/** The package suffix of every platform anvil is published for, by `os-arch` as Deno names them. */
const PACKAGE_PLATFORMS: Readonly<Record<string, string>> = {
  "linux-x86_64": "linux-amd64",
  "linux-aarch64": "linux-arm64",
  "darwin-x86_64": "darwin-amd64",
  "darwin-aarch64": "darwin-arm64",
  "windows-x86_64": "win32-amd64",
};

/**
 * The path of an anvil executable: the `ANVIL` environment variable, else the npm package, fetched when missing.
 *
 * @throws WavsError `anvil_unavailable` when there is no package for this platform or it cannot be fetched
 */
export async function findAnvil(): Promise<string> {
  const own = Deno.env.get(ANVIL_ENV);
  if (own !== undefined && own !== "") return own;
  const path = await fetchPackagedAnvil(packagePlatform());
  await makeExecutable(path);
  return path;
}

function packagePlatform(): string {
  const platform = PACKAGE_PLATFORMS[`${Deno.build.os}-${Deno.build.arch}`];
  if (platform === undefined) {
    throw new WavsError("anvil_unavailable", {
      message: `Cannot find anvil for "${Deno.build.os}-${Deno.build.arch}"; set "${ANVIL_ENV}" to the path of one`,
      retryable: false,
    });
  }
  return platform;
}

async function fetchPackagedAnvil(platform: string): Promise<string> {
  const manifest = `npm:@foundry-rs/anvil-${platform}@${ANVIL_VERSION}/package.json`;
  try {
    // Importing the manifest has the package fetched. The specifier is computed, so that the module graph does not
    // name it: nobody downloads 40 MB, five times, before asking for a chain.
    await import(manifest, { with: { type: "json" } });
  } catch (cause) {
    throw new WavsError("anvil_unavailable", {
      message: `Cannot fetch anvil as "${manifest}"; set "${ANVIL_ENV}" to the path of one`,
      retryable: true,
      cause,
    });
  }
  const name = Deno.build.os === "windows" ? "anvil.exe" : "anvil";
  return toPath(new URL(`./bin/${name}`, import.meta.resolve(manifest)));
}

function toPath(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return Deno.build.os === "windows" ? path.replace(/^\//, "") : path;
}

/** Package caches do not always keep the executable bit. */
async function makeExecutable(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const { mode } = await Deno.stat(path);
  if (mode !== null && (mode & 0o100) === 0) await Deno.chmod(path, 0o755);
}
