import { DEFAULT_SOCKET_BUFFER_BYTES } from "./limits.ts";
import {
  type AddressFamily,
  checkedLocal,
  checkedRemote,
  fromSocketAddress,
  type IpSocketAddress,
} from "./network_addresses.ts";
import type { SocketAddress, UdpBinding } from "./network_backend.ts";
import type { NetworkErrorCode } from "./network_errors.ts";
import { Pending } from "./pending.ts";
import { Pollable } from "./poll.ts";
import { ALWAYS_READY } from "./readiness.ts";
import { clampBufferSize, DEFAULT_HOP_LIMIT, refuseZero } from "./tcp_options.ts";
import type { SocketModules } from "./tcp_socket.ts";
import { IncomingDatagramStream, OutgoingDatagramStream, UdpTraffic } from "./udp_streams.ts";

type State =
  | { readonly tag: "unbound" | "closed" }
  | { readonly tag: "binding"; readonly work: Pending<UdpBinding> }
  | { readonly tag: "bound"; readonly binding: UdpBinding; traffic: UdpTraffic | undefined };

/** `wasi:sockets/udp` udp-socket. Its streams do nothing any more once it is dropped or gives out others. */
export class UdpSocket implements Disposable {
  readonly #modules: SocketModules;
  readonly #family: AddressFamily;
  readonly #uncount: () => void;
  #state: State = { tag: "unbound" };
  #hopLimit = DEFAULT_HOP_LIMIT;
  #receiveBytes = DEFAULT_SOCKET_BUFFER_BYTES;
  #sendBytes = DEFAULT_SOCKET_BUFFER_BYTES;

  /** @throws NetworkErrorCode `new-socket-limit` */
  constructor(family: AddressFamily, modules: SocketModules) {
    this.#uncount = modules.access.addSocket();
    this.#family = family;
    this.#modules = modules;
    modules.scope.own(this);
  }

  startBind(_network: unknown, address: IpSocketAddress): void {
    this.#modules.access.checkAddressUse();
    if (this.#state.tag === "binding") throw "concurrency-conflict" satisfies NetworkErrorCode;
    if (this.#state.tag !== "unbound") throw "invalid-state" satisfies NetworkErrorCode;
    const local = checkedLocal(address, this.#family);
    const work = new Pending(this.#modules.backend.bindUdp(local), (binding) => binding.close());
    this.#state = { tag: "binding", work };
  }

  finishBind(): void {
    if (this.#state.tag !== "binding") throw "not-in-progress" satisfies NetworkErrorCode;
    const { outcome } = this.#state.work;
    if (outcome === undefined) throw "would-block" satisfies NetworkErrorCode;
    this.#state = outcome.ok ? { tag: "bound", binding: outcome.value, traffic: undefined } : { tag: "unbound" };
    if (!outcome.ok) throw this.#modules.access.codeOf(outcome.error);
    if (this.#hopLimit !== DEFAULT_HOP_LIMIT) this.#applyHopLimit(outcome.value);
  }

  /** Streams to and from everybody, or one peer only. */
  stream(address: IpSocketAddress | undefined): readonly [IncomingDatagramStream, OutgoingDatagramStream] {
    this.#modules.access.checkAddressUse();
    const state = this.#bound();
    const peer = address === undefined ? undefined : checkedRemote(address, this.#family);
    const traffic = new UdpTraffic(state.binding, { family: this.#family, peer });
    state.traffic?.close(traffic);
    state.traffic = traffic;
    return [new IncomingDatagramStream(traffic, this.#modules), new OutgoingDatagramStream(traffic, this.#modules)];
  }

  localAddress(): IpSocketAddress {
    return fromSocketAddress(this.#bound().binding.local);
  }

  remoteAddress(): IpSocketAddress {
    const peer: SocketAddress | undefined = this.#bound().traffic?.peer;
    if (peer === undefined) throw "invalid-state" satisfies NetworkErrorCode;
    return fromSocketAddress(peer);
  }

  addressFamily(): AddressFamily {
    return this.#family;
  }

  unicastHopLimit(): number {
    return this.#hopLimit;
  }

  setUnicastHopLimit(value: number): void {
    refuseZero(value);
    this.#hopLimit = value;
    if (this.#state.tag === "bound") this.#applyHopLimit(this.#state.binding);
  }

  receiveBufferSize(): bigint {
    return BigInt(this.#receiveBytes);
  }

  /** A hint: the system's own buffers are bounded as they are. */
  setReceiveBufferSize(value: bigint): void {
    this.#receiveBytes = clampBufferSize(value);
  }

  sendBufferSize(): bigint {
    return BigInt(this.#sendBytes);
  }

  setSendBufferSize(value: bigint): void {
    this.#sendBytes = clampBufferSize(value);
  }

  subscribe(): Pollable {
    const { scope } = this.#modules;
    return new Pollable(this.#state.tag === "binding" ? this.#state.work : ALWAYS_READY, scope);
  }

  [Symbol.dispose](): void {
    this.#modules.scope.disown(this);
    this.#uncount();
    const state = this.#state;
    this.#state = { tag: "closed" };
    if (state.tag === "binding") state.work.abandon();
    if (state.tag !== "bound") return;
    state.traffic?.close();
    state.binding.close();
  }

  #bound(): Extract<State, { readonly tag: "bound" }> {
    if (this.#state.tag !== "bound") throw "invalid-state" satisfies NetworkErrorCode;
    return this.#state;
  }

  #applyHopLimit(binding: UdpBinding): void {
    // Calls keep their order, so what is sent next has it. A socket that broke says so when it is used.
    void binding.setHopLimit(this.#hopLimit).catch(() => {});
  }
}
