import type { AllowedHosts } from "@/domain/mod.ts";
import type { SocketApi } from "./socket_types.ts";
import type { HttpRequest, HttpResponseHead } from "../wasi/http_backend.ts";

/** What the egress worker serves to component workers: HTTP and sockets. */
export interface EgressApi extends HttpApi, SocketApi {}

/** An exchange is named by the number `open` answers. */
export interface HttpApi {
  /** @throws WavsError `http_error`: `HTTP-request-denied` when host or address may not be asked */
  open(request: {
    readonly job: number;
    readonly allowedHosts: AllowedHosts;
    readonly request: HttpRequest;
  }): number;
  write(request: { readonly exchange: number; readonly chunk: Uint8Array }): void;
  finish(exchange: number): void;
  response(exchange: number): HttpResponseHead;
  read(request: { readonly exchange: number; readonly maxBytes: number }): Uint8Array | undefined;
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
   * @throws WavsError `uri_unsupported`, `fetch_status`, `fetch_redirects`, `fetch_too_large`, `http_error`
   */
  fetchBytes(
    request: { readonly uri: string; readonly maxBytes: number; readonly timeoutMs: number },
  ): { readonly bytes: Uint8Array };
}

export interface EgressBoot {
  readonly allowPrivateNetworks: boolean;
}
