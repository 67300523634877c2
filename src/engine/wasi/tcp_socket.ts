import type { NetworkAccess } from "./network_access.ts";
import { checkedLocal, checkedRemote, fromSocketAddress, type IpSocketAddress } from "./network_addresses.ts";
import type { AddressFamily } from "./network_addresses.ts";
import type { NetworkBackend, TcpBinding, TcpConnection } from "./network_backend.ts";
import type { NetworkErrorCode } from "./network_errors.ts";
import { Pending } from "./pending.ts";
import { Pollable } from "./poll.ts";
import { ALWAYS_READY, type Readiness } from "./readiness.ts";
import type { GuestScope } from "./scope.ts";
import type { InputStream, OutputStream } from "./streams.ts";
import { refuseZero, TcpOptions } from "./tcp_options.ts";
import { TcpTraffic } from "./tcp_traffic.ts";

export interface SocketModules {
  readonly scope: GuestScope;
  readonly backend: NetworkBackend;
  readonly access: NetworkAccess;
}

type State =
  | { readonly tag: "unbound" | "closed" }
  | { readonly tag: "binding"; readonly work: Pending<TcpBinding> }
  | { readonly tag: "bound" | "starting to listen"; readonly binding: TcpBinding }
  | { readonly tag: "connecting"; readonly work: Pending<TcpConnection> }
  | { readonly tag: "connected"; readonly traffic: TcpTraffic }
  | { readonly tag: "listening"; readonly binding: TcpBinding; accepting: Pending<TcpConnection> | undefined };

type ShutdownType = "receive" | "send" | "both";

/**
 * `wasi:sockets/tcp` tcp-socket: the state machine; the socket itself is the backend's. Dropping it closes the
 * connection, and streams and pollables that a guest drops later find it closed.
 */
export class TcpSocket extends TcpOptions implements Disposable {
  readonly #modules: SocketModules;
  readonly #uncount: () => void;
  #state: State = { tag: "unbound" };

  /** @throws NetworkErrorCode `new-socket-limit` */
  constructor(family: AddressFamily, modules: SocketModules) {
    super(family);
    this.#uncount = modules.access.addSocket();
    this.#modules = modules;
    modules.scope.own(this);
  }

  startBind(_network: unknown, address: IpSocketAddress): void {
    this.#modules.access.checkAddressUse();
    this.#refuseWhileWorking();
    if (this.#state.tag !== "unbound") throw "invalid-state" satisfies NetworkErrorCode;
    const local = checkedLocal(address, this.addressFamily());
    const work = new Pending(this.#modules.backend.bindTcp(local), (binding) => binding.close());
    this.#state = { tag: "binding", work };
  }

  finishBind(): void {
    if (this.#state.tag !== "binding") throw "not-in-progress" satisfies NetworkErrorCode;
    const { outcome } = this.#state.work;
    if (outcome === undefined) throw "would-block" satisfies NetworkErrorCode;
    this.#state = outcome.ok ? { tag: "bound", binding: outcome.value } : { tag: "unbound" };
    if (!outcome.ok) throw this.#modules.access.codeOf(outcome.error);
  }

  startConnect(_network: unknown, address: IpSocketAddress): void {
    const { access, backend } = this.#modules;
    access.checkAddressUse();
    this.#refuseWhileWorking();
    const state = this.#state;
    if (state.tag !== "unbound" && state.tag !== "bound") throw "invalid-state" satisfies NetworkErrorCode;
    const remote = checkedRemote(address, this.addressFamily());
    const connecting = state.tag === "bound" ? state.binding.connect(remote) : backend.connectTcp(remote);
    this.#state = { tag: "connecting", work: new Pending(connecting, (connection) => connection.close([])) };
  }

  finishConnect(): readonly [InputStream, OutputStream] {
    if (this.#state.tag !== "connecting") throw "not-in-progress" satisfies NetworkErrorCode;
    const { outcome } = this.#state.work;
    if (outcome === undefined) throw "would-block" satisfies NetworkErrorCode;
    if (outcome.ok) return this.#connected(outcome.value);
    this.#state = { tag: "closed" };
    throw this.#modules.access.codeOf(outcome.error);
  }

  startListen(): void {
    this.#modules.access.checkAddressUse();
    this.#refuseWhileWorking();
    if (this.#state.tag !== "bound") throw "invalid-state" satisfies NetworkErrorCode;
    this.#state = { tag: "starting to listen", binding: this.#state.binding };
  }

  finishListen(): void {
    if (this.#state.tag !== "starting to listen") throw "not-in-progress" satisfies NetworkErrorCode;
    this.#state = { tag: "listening", binding: this.#state.binding, accepting: undefined };
  }

  accept(): readonly [TcpSocket, InputStream, OutputStream] {
    if (this.#state.tag !== "listening") throw "invalid-state" satisfies NetworkErrorCode;
    if (this.#modules.access.isFull) throw "new-socket-limit" satisfies NetworkErrorCode;
    const { outcome } = this.#accepting(this.#state);
    if (outcome === undefined) throw "would-block" satisfies NetworkErrorCode;
    this.#state.accepting = undefined;
    if (!outcome.ok) throw this.#modules.access.codeOf(outcome.error);
    const accepted = new TcpSocket(this.addressFamily(), this.#modules);
    accepted.inherit(this);
    return [accepted, ...accepted.#connected(outcome.value)];
  }

  localAddress(): IpSocketAddress {
    switch (this.#state.tag) {
      case "bound":
      case "starting to listen":
      case "listening":
        return fromSocketAddress(this.#state.binding.local);
      case "connected":
        return fromSocketAddress(this.#state.traffic.connection.local);
      default:
        throw "invalid-state" satisfies NetworkErrorCode;
    }
  }

  remoteAddress(): IpSocketAddress {
    return fromSocketAddress(this.#traffic().connection.remote);
  }

  isListening(): boolean {
    return this.#state.tag === "listening";
  }

  /** A hint, which the system's own queue does not need. */
  setListenBacklogSize(value: bigint): void {
    refuseZero(value);
    if (this.#state.tag === "listening") throw "not-supported" satisfies NetworkErrorCode;
    if (this.#state.tag === "connected" || this.#state.tag === "connecting") {
      throw "invalid-state" satisfies NetworkErrorCode;
    }
  }

  subscribe(): Pollable {
    const condition: Readiness = {
      ready: () => this.#awaited().ready(),
      onReady: (wake) => this.#awaited().onReady(wake),
    };
    return new Pollable(condition, this.#modules.scope);
  }

  shutdown(type: ShutdownType): void {
    const traffic = this.#traffic();
    if (type !== "send") traffic.shutdownReceive();
    if (type !== "receive") traffic.shutdownSend();
  }

  protected override applyKeepAlive(enabled: boolean): void {
    if (this.#state.tag !== "connected") return;
    // A connection that broke has no use for it, and its streams say that it broke.
    void this.#state.traffic.connection.setKeepAlive(enabled).catch(() => {});
  }

  [Symbol.dispose](): void {
    this.#modules.scope.disown(this);
    this.#uncount();
    const state = this.#state;
    this.#state = { tag: "closed" };
    switch (state.tag) {
      case "binding":
      case "connecting":
        return state.work.abandon();
      case "bound":
      case "starting to listen":
        return state.binding.close();
      case "listening":
        state.accepting?.abandon();
        return state.binding.close();
      case "connected":
        return state.traffic.close();
      case "unbound":
      case "closed":
    }
  }

  #connected(connection: TcpConnection): readonly [InputStream, OutputStream] {
    const traffic = new TcpTraffic(connection, this, this.#modules.scope);
    this.#state = { tag: "connected", traffic };
    if (this.keepAliveEnabled()) this.applyKeepAlive(true);
    return traffic.streams();
  }

  #traffic(): TcpTraffic {
    if (this.#state.tag !== "connected") throw "invalid-state" satisfies NetworkErrorCode;
    return this.#state.traffic;
  }

  #refuseWhileWorking(): void {
    if (["binding", "connecting", "starting to listen"].includes(this.#state.tag)) {
      throw "concurrency-conflict" satisfies NetworkErrorCode;
    }
  }

  /** One connection is accepted ahead, so that a guest can wait for it. */
  #accepting(state: Extract<State, { readonly tag: "listening" }>): Pending<TcpConnection> {
    return state.accepting ??= new Pending(state.binding.accept(), (connection) => connection.close([]));
  }

  #awaited(): Readiness {
    const state = this.#state;
    if (state.tag === "binding" || state.tag === "connecting") return state.work;
    return state.tag === "listening" ? this.#accepting(state) : ALWAYS_READY;
  }
}
