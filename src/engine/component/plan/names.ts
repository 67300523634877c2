import type { HostBinding } from "./types.ts";

/** `get-random-u64` → `getRandomU64`, `HTTP-request` → `httpRequest`: how a WIT label is spelled in JavaScript. */
export function camelCase(label: string): string {
  return label.toLowerCase().replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `output-stream` → `OutputStream`: the class of a resource. */
export function pascalCase(label: string): string {
  const camel = camelCase(label);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}

/** `wasi:io/poll@0.2.3` → `wasi:io/poll`: how host imports are keyed. */
export function withoutVersion(interfaceName: string): string {
  const at = interfaceName.lastIndexOf("@");
  return at < 0 ? interfaceName : interfaceName.slice(0, at);
}

/**
 * What an interface is known by in a world table: every `wasi:*@0.2.N` is one track and loses its version, anything
 * else keeps it, so that drafts match exactly and other versions not at all (spec/engine.md 2.1). A package's interface
 * without a version gets an empty one, lest it pass for the track.
 */
export function interfaceTrack(interfaceName: string): string {
  if (/^wasi:[^@]*@0\.2\.(0|[1-9][0-9]*)$/.test(interfaceName)) return withoutVersion(interfaceName);
  const lacksVersion = interfaceName.includes(":") && !interfaceName.includes("@");
  return lacksVersion ? `${interfaceName}@` : interfaceName;
}

/** Finds the place of an imported function in the host's imports from its WIT name. */
export function hostBinding(interfaceName: string, name: string): HostBinding {
  const unversioned = withoutVersion(interfaceName);
  const id = `${unversioned}#${name}`;
  const member = /^\[(method|static)\]([^.]+)\.(.+)$/.exec(name);
  if (member !== null) {
    const [, role, resource = "", method = ""] = member;
    return {
      id,
      interfaceName: unversioned,
      role: role === "method" ? "method" : "static",
      className: pascalCase(resource),
      key: camelCase(method),
    };
  }
  const constructed = /^\[constructor\](.+)$/.exec(name);
  if (constructed !== null) {
    return {
      id,
      interfaceName: unversioned,
      role: "constructor",
      className: pascalCase(constructed[1] ?? ""),
      key: "",
    };
  }
  return { id, interfaceName: unversioned, role: "function", className: "", key: camelCase(name) };
}
