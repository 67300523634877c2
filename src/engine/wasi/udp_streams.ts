import { MAX_DATAGRAM_BYTES, MAX_DATAGRAMS_PER_CALL } from "./limits.ts";
import {
  type AddressFamily,
  checkedRemote,
  fromSocketAddress,
  type IpSocketAddress,
  isSameAddress,
} from "./network_addresses.ts";
import type { Datagram, SocketAddress, UdpBinding } from "./network_backend.ts";
import type { NetworkErrorCode } from "./network_errors.ts";
import { Pollable } from "./poll.ts";
import { ALWAYS_READY, type Readiness, Wakers } from "./readiness.ts";
import type { SocketModules } from "./tcp_socket.ts";
import { trap } from "./trap.ts";

export interface UdpTrafficOptions {
  readonly family: AddressFamily;
  /** The only one who is sent to and heard; absent for everybody. */
  readonly peer: SocketAddress | undefined;
}

/** What flows through a bound socket while one pair of streams is in use. It fetches one batch ahead, no more. */
export class UdpTraffic implements Readiness {
  readonly peer: SocketAddress | undefined;
  readonly #family: AddressFamily;
  readonly #binding: UdpBinding;
  readonly #wakers = new Wakers();
  #received: Datagram[] = [];
  #failure: { readonly error: unknown } | undefined;
  #isFetching = false;
  #isClosed = false;
  #successor: UdpTraffic | undefined;

  constructor(binding: UdpBinding, { family, peer }: UdpTrafficOptions) {
    this.#binding = binding;
    this.#family = family;
    this.peer = peer;
    this.#fetch();
  }

  ready(): boolean {
    return this.#isClosed || this.#received.length > 0 || this.#failure !== undefined;
  }

  onReady(wake: () => void): () => void {
    return this.#wakers.add(wake);
  }

  /** Datagrams at hand. @throws NetworkErrorCode `invalid-state` once closed; what `binding` failed with */
  take(maxResults: number): readonly Datagram[] {
    this.#refuseIfClosed();
    if (this.#received.length === 0 && this.#failure !== undefined) throw this.#failure.error;
    const taken = this.#received.splice(0, maxResults);
    this.#fetch();
    return taken;
  }

  /** @throws NetworkErrorCode what the datagram makes impossible to send */
  checked({ data, remoteAddress }: OutgoingDatagram): Datagram {
    this.#refuseIfClosed();
    if (data.length > MAX_DATAGRAM_BYTES) throw "datagram-too-large" satisfies NetworkErrorCode;
    const remote = remoteAddress === undefined ? this.peer : checkedRemote(remoteAddress, this.#family);
    const isOther = remote !== undefined && this.peer !== undefined && !isSameAddress(remote, this.peer);
    if (remote === undefined || isOther) throw "invalid-argument" satisfies NetworkErrorCode;
    return { data, remote };
  }

  send(datagrams: readonly Datagram[]): Promise<number> {
    return this.#binding.send(datagrams);
  }

  /** What arrives from now on is its successor's. */
  close(successor?: UdpTraffic): void {
    this.#isClosed = true;
    this.#successor = successor;
    if (successor !== undefined) successor.#keep(this.#received);
    this.#received = [];
    this.#wakers.wake();
  }

  #keep(datagrams: readonly Datagram[]): void {
    if (this.#isClosed) {
      if (this.#successor !== undefined) this.#successor.#keep(datagrams);
      return;
    }
    this.#received.push(
      ...datagrams.filter(({ remote }) => this.peer === undefined || isSameAddress(remote, this.peer)),
    );
    this.#wakers.wake();
  }

  #refuseIfClosed(): void {
    if (this.#isClosed) throw "invalid-state" satisfies NetworkErrorCode;
  }

  #fetch(): void {
    if (this.#isFetching || this.ready()) return;
    this.#isFetching = true;
    this.#binding.receive().then((datagrams) => this.#keep(datagrams), (error) => {
      this.#failure = { error };
    }).finally(() => {
      this.#isFetching = false;
      this.#wakers.wake();
      this.#fetch();
    });
  }
}

interface IncomingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress;
}

interface OutgoingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress | undefined;
}

/** `wasi:sockets/udp` incoming-datagram-stream. */
export class IncomingDatagramStream {
  readonly #traffic: UdpTraffic;
  readonly #modules: SocketModules;

  constructor(traffic: UdpTraffic, modules: SocketModules) {
    this.#traffic = traffic;
    this.#modules = modules;
  }

  /** None when nothing is at hand. */
  receive(maxResults: bigint): IncomingDatagram[] {
    const max = maxResults > MAX_DATAGRAMS_PER_CALL ? MAX_DATAGRAMS_PER_CALL : Number(maxResults);
    try {
      return this.#traffic.take(max).map(({ data, remote }) => ({ data, remoteAddress: fromSocketAddress(remote) }));
    } catch (error) {
      throw typeof error === "string" ? error : this.#modules.access.codeOf(error);
    }
  }

  subscribe(): Pollable {
    return new Pollable(this.#traffic, this.#modules.scope);
  }
}

/** `wasi:sockets/udp` outgoing-datagram-stream. A call returns when the system has taken the datagrams. */
export class OutgoingDatagramStream {
  readonly #traffic: UdpTraffic;
  readonly #modules: SocketModules;
  #permitted = 0;

  constructor(traffic: UdpTraffic, modules: SocketModules) {
    this.#traffic = traffic;
    this.#modules = modules;
  }

  checkSend(): bigint {
    this.#permitted = MAX_DATAGRAMS_PER_CALL;
    return BigInt(this.#permitted);
  }

  async send(datagrams: readonly OutgoingDatagram[]): Promise<bigint> {
    if (datagrams.length > this.#permitted) throw trap("it sent more datagrams than it was permitted to");
    const checked: Datagram[] = [];
    for (const datagram of datagrams) {
      try {
        checked.push(this.#traffic.checked(datagram));
      } catch (error) {
        if (checked.length === 0) throw error;
        break;
      }
    }
    if (checked.length === 0) return 0n;
    try {
      const sent = await this.#modules.scope.wait(this.#traffic.send(checked));
      this.#permitted -= sent;
      return BigInt(sent);
    } catch (error) {
      throw this.#modules.access.codeOf(error);
    }
  }

  subscribe(): Pollable {
    return new Pollable(ALWAYS_READY, this.#modules.scope);
  }
}
