import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { MAX_NAME_CHARS } from "./limits.ts";
import { type IpAddress, ipAddressFromText } from "./network_addresses.ts";
import type { NetworkErrorCode } from "./network_errors.ts";
import { Pending } from "./pending.ts";
import { Pollable } from "./poll.ts";
import type { SocketModules } from "./tcp_socket.ts";

/**
 * Starts to resolve a name; an IP address stands for itself.
 *
 * @throws NetworkErrorCode `permanent-resolver-failure` without the permission, `invalid-argument`,
 * `temporary-resolver-failure`
 */
export function lookUp(name: string, { access, backend }: SocketModules): Promise<readonly string[]> {
  access.checkLookup();
  if (isIP(name) !== 0) return Promise.resolve([name]);
  const ascii = domainNameOf(name);
  return access.addLookup(() => backend.resolve(ascii));
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** A name as DNS knows it. One that ends in a number would be taken for an address in one of its old spellings. */
function domainNameOf(name: string): string {
  const ascii = name.length > MAX_NAME_CHARS ? "" : domainToASCII(name);
  const labels = ascii.replace(/\.$/, "").split(".");
  const isName = ascii.length <= MAX_NAME_CHARS && labels.every((label) => LABEL.test(label)) &&
    !/^(?:\d+|0x[\da-f]*)$/i.test(labels.at(-1) ?? "");
  if (!isName) throw "invalid-argument" satisfies NetworkErrorCode;
  return ascii;
}

/** `wasi:sockets/ip-name-lookup` resolve-address-stream. */
export class ResolveAddressStream {
  readonly #modules: SocketModules;
  readonly #work: Pending<readonly string[]>;
  #next = 0;

  constructor(work: Promise<readonly string[]>, modules: SocketModules) {
    this.#modules = modules;
    this.#work = new Pending(work, () => {});
  }

  resolveNextAddress(): IpAddress | undefined {
    const { outcome } = this.#work;
    if (outcome === undefined) throw "would-block" satisfies NetworkErrorCode;
    if (!outcome.ok) throw this.#modules.access.lookupCodeOf(outcome.error);
    const address = outcome.value[this.#next++];
    return address === undefined ? undefined : ipAddressFromText(address);
  }

  subscribe(): Pollable {
    return new Pollable(this.#work, this.#modules.scope);
  }
}
