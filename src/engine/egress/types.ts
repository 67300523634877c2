import type { AllowedHosts } from "@/domain/mod.ts";
import type { SocketApi } from "./socket_types.ts";
import type { Fetched, FetchRequest, PackageRequest } from "../supply/types.ts";
import type { HttpRequest, HttpResponseHead } from "../wasi/http_backend.ts";

/** What the egress worker serves to component workers: HTTP and sockets. */
export interface EgressApi extends HttpApi, SocketApi {}

/** What `read` answers: bytes, and whether they are known to be the last. */
export interface HttpChunk {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** An exchange is named by a number its worker has not used yet, so that it can be cancelled at any time. */
export interface HttpApi {
  /**
   * Answers the head of the response at once where no body is sent before it: every message between two workers costs
   * as much as a small system call or two.
   *
   * @throws WavsError `http_error`: `HTTP-request-denied` when host or address may not be asked
   */
  open(request: {
    readonly job: number;
    readonly exchange: number;
    readonly allowedHosts: AllowedHosts;
    readonly request: HttpRequest;
  }): HttpResponseHead | undefined;
  write(request: { readonly exchange: number; readonly chunk: Uint8Array }): void;
  finish(exchange: number): void;
  response(exchange: number): HttpResponseHead;
  read(request: { readonly exchange: number; readonly maxBytes: number }): HttpChunk | undefined;
  cancel(exchange: number): void;
}

/** What the egress worker serves to main. */
export interface EgressControl {
  /** Serves {@link EgressApi} on this port, which is transferred with the call. */
  attach(request: { readonly client: number; readonly port: MessagePort }): void;
  /** Closes everything that was opened over a client's port: nobody is at its other end any more. */
  detach(client: number): void;
  /**
   * Fetches a document or component for the node itself, following a few redirects.
   *
   * @throws WavsError `uri_unsupported`, `fetch_status`, `fetch_redirects`, `fetch_too_large`, `http_error`, `ipfs_…`
   */
  fetchBytes(request: FetchRequest): Fetched;
  /**
   * Fetches a component from a registry; whoever asks compares its digest.
   *
   * @throws WavsError `registry_…`, `component_digest_mismatch`, and as {@link fetchBytes}
   */
  fetchPackage(request: PackageRequest): Fetched;
}

export interface EgressBoot {
  readonly allowPrivateNetworks: boolean;
  /** Where `ipfs:` is looked up; ends with a slash. */
  readonly ipfsGateway: string;
}
