import type { ImportedFunction } from "@/engine/mod.ts";

/** A permission of a service definition, and what a component's imports say about it. */
export interface PermissionNeed {
  readonly permission: "allowed_http_hosts" | "file_system" | "raw_sockets" | "dns_resolution";
  /**
   * `required`: it does not run without. `optional`: it runs, and the calls fail. `unused`: it imports nothing for it.
   */
  readonly need: "required" | "optional" | "unused";
  /** The first import that asks for it. */
  readonly because: string | undefined;
}

interface Rule {
  readonly permission: PermissionNeed["permission"];
  readonly need: "required" | "optional";
  readonly asks: RegExp;
}

/** What the node checks (spec/engine.md 2.2): HTTP is not there without permission, the others answer with an error. */
const RULES: readonly Rule[] = [
  { permission: "allowed_http_hosts", need: "required", asks: /^wasi:http\// },
  { permission: "file_system", need: "optional", asks: /^wasi:filesystem\/preopens/ },
  { permission: "raw_sockets", need: "optional", asks: /^wasi:sockets\/(?:tcp|udp)-create-socket/ },
  { permission: "dns_resolution", need: "optional", asks: /^wasi:sockets\/ip-name-lookup/ },
];

/** What a component needs, by what it imports. An import is no proof that it is ever called. */
export function permissionNeeds(imports: readonly ImportedFunction[]): PermissionNeed[] {
  return RULES.map(({ permission, need, asks }) => {
    const found = imports.find(({ interfaceName }) => asks.test(interfaceName));
    return found === undefined
      ? { permission, need: "unused", because: undefined }
      : { permission, need, because: `${found.interfaceName}#${found.name}` };
  });
}
