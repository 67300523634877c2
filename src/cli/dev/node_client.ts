import {
  type ComponentDigest,
  encodeService,
  encodeServiceManager,
  type EvmAddress,
  parseComponentDigest,
  parseEvmAddress,
  parseServiceDigest,
  printJson,
  type Service,
  type ServiceDigest,
  type ServiceManager,
  WavsError,
} from "@/domain/mod.ts";

/** How long one request may take; registering waits for components and chains. */
const REQUEST_TIMEOUT_MS = 60_000;

/** Talks to a node over its HTTP API, as anybody else would (spec/wire.md 5). */
export class NodeClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async uploadComponent(bytes: Uint8Array<ArrayBuffer>): Promise<ComponentDigest> {
    const answer = await this.#send("POST", "/dev/components", { body: bytes, type: "application/wasm" });
    return parseComponentDigest((JSON.parse(answer) as { digest: string }).digest);
  }

  /** @returns where the document can be fetched */
  async saveService(service: Service): Promise<{ readonly digest: ServiceDigest; readonly uri: string }> {
    const answer = await this.#send("POST", "/dev/services", json(printJson(encodeService(service))));
    const digest = parseServiceDigest((JSON.parse(answer) as { hash: string }).hash);
    return { digest, uri: `${this.#url}/dev/services/${digest}` };
  }

  async registerService(manager: ServiceManager): Promise<void> {
    await this.#send("POST", "/services", managerBody(manager));
  }

  async signerAddress(manager: ServiceManager): Promise<EvmAddress> {
    const answer = await this.#send("POST", "/services/signer", managerBody(manager));
    return parseEvmAddress((JSON.parse(answer) as { secp256k1: { evm_address: string } }).secp256k1.evm_address);
  }

  async #send(
    method: string,
    path: string,
    request: { readonly body: BodyInit; readonly type: string },
  ): Promise<string> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      body: request.body,
      headers: { "content-type": request.type },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) return text;
    throw new WavsError("node_refused", {
      message: `The node answered ${response.status} to ${method} ${path}: ${text}`,
      retryable: false,
    });
  }
}

function managerBody(manager: ServiceManager): { readonly body: string; readonly type: string } {
  return json(`{"service_manager":${printJson(encodeServiceManager(manager))}}`);
}

function json(body: string): { readonly body: string; readonly type: string } {
  return { body, type: "application/json" };
}
