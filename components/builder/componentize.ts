import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { WavsError } from "@/domain/errors.ts";

/** Exact, because the version decides which WASI level and which engine end up in every component. */
export const COMPONENTIZE_VERSION = "0.4.5";

/** The guest's engine exists prebuilt for these; the key is `Deno.build.target`. */
const BINDING_PLATFORMS: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "linux-x64-gnu",
  "aarch64-unknown-linux-gnu": "linux-arm64-gnu",
  "x86_64-unknown-linux-musl": "linux-x64-musl",
  "x86_64-apple-darwin": "darwin-x64",
  "aarch64-apple-darwin": "darwin-arm64",
  "x86_64-pc-windows-msvc": "win32-x64-msvc",
  "aarch64-pc-windows-msvc": "win32-arm64-msvc",
};

export interface ComponentizeOptions {
  /** A folder in the layout of `wit/`. */
  readonly witPath: string;
  readonly world: string;
  readonly jsSource: string;
  /** The runtime without the component model's asynchronous calls, which no WASI 0.2 host offers. */
  readonly sync: true;
  /** A third smaller, and measured no slower. */
  readonly optSize: true;
}

interface Binding {
  componentize(options: ComponentizeOptions): Promise<{ component: Uint8Array<ArrayBuffer> }>;
}

/**
 * Puts a JavaScript engine, the source and its bindings to a WIT world into one component.
 *
 * @throws WavsError `component_build_failed`, `component_build_unsupported`
 */
export async function componentize(options: ComponentizeOptions): Promise<Uint8Array<ArrayBuffer>> {
  const binding = await loadBinding();
  try {
    return (await binding.componentize(options)).component;
  } catch (cause) {
    throw new WavsError("component_build_failed", {
      message: `Cannot turn the bundle into a component of world "${options.world}" because ${cause}`,
      retryable: false,
      cause,
    });
  }
}

/** The native module of this platform. */
async function loadBinding(): Promise<Binding> {
  const module = new URL(`componentize-qjs.${bindingPlatform()}.node`, await findBinding());
  return createRequire(import.meta.url)(fileURLToPath(module)) as Binding;
}

/**
 * Where the package is whose engine goes into every component: its `package.json`.
 *
 * `npm:componentize-qjs` itself cannot be imported: Deno refuses a package when one of its optional dependencies is missing
 * from the registry. So the platform's package is fetched by importing a file every package has, and required by its path.
 *
 * @throws WavsError `component_build_unsupported`
 */
export async function findBinding(): Promise<URL> {
  const manifest = `npm:@andreiltd/componentize-qjs-binding-${bindingPlatform()}@${COMPONENTIZE_VERSION}/package.json`;
  await import(manifest, { with: { type: "json" } });
  return new URL(import.meta.resolve(manifest));
}

function bindingPlatform(): string {
  const platform = BINDING_PLATFORMS[Deno.build.target];
  if (platform !== undefined) return platform;
  throw new WavsError("component_build_unsupported", {
    message: `Cannot build components on "${Deno.build.target}" because the guest's engine is not prebuilt for it`,
    retryable: false,
  });
}
