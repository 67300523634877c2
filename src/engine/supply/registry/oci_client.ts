import { WavsError } from "@/domain/mod.ts";
import { asText, readObject, registryInvalid } from "../answer.ts";
import { badStatus } from "../errors.ts";
import type { Get, GetAnswer } from "../types.ts";
import { parseChallenge } from "./challenge.ts";
import { registryOrigin } from "./registry_host.ts";

export interface OciRepository {
  /** Host, perhaps with a port. */
  readonly registry: string;
  /** `namespace/name`, checked against the grammar of the distribution specification. */
  readonly repository: string;
}

const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** Reads one repository of an OCI registry, with an anonymous token where the registry wants one. */
export class OciClient {
  /** For messages: `ghcr.io/wavs/echo`. */
  readonly name: string;
  readonly #origin: string;
  readonly #repository: string;
  readonly #get: Get;
  #authorization: string | undefined;

  /** @throws WavsError `registry_host_invalid`, `registry_invalid` */
  constructor({ registry, repository }: OciRepository, get: Get) {
    this.name = `${registry}/${repository}`;
    if (!REPOSITORY.test(repository)) throw registryInvalid(this.name, `"${repository}" is no name of a repository`);
    this.#origin = registryOrigin(registry);
    this.#repository = repository;
    this.#get = get;
  }

  /**
   * Asks for something below the repository, or, given a whole URL of the same registry, for that.
   *
   * @throws WavsError `fetch_status`, `registry_denied`, `registry_invalid`, or what `get` throws
   */
  async get(path: string, accept: string): Promise<GetAnswer> {
    const url = new URL(path, `${this.#origin}/v2/${this.#repository}/`);
    if (url.origin !== this.#origin) throw registryInvalid(this.name, `it leads to another registry, "${url.origin}"`);
    let answer = await this.#send(url.href, accept);
    if (answer.status === 401 && this.#authorization === undefined) {
      this.#authorization = `Bearer ${await this.#fetchToken(answer)}`;
      answer = await this.#send(url.href, accept);
    }
    if (answer.status === 401 || answer.status === 403) throw this.#denied(`it answered ${answer.status}`);
    if (answer.status !== 200) throw badStatus(url.href, answer.status);
    return answer;
  }

  #send(url: string, accept: string): Promise<GetAnswer> {
    const authorization = this.#authorization;
    return this.#get({ url, headers: { accept, ...(authorization === undefined ? {} : { authorization }) } });
  }

  /** The token flow of the distribution specification, for pulling from this repository and nothing more. */
  async #fetchToken(refusal: GetAnswer): Promise<string> {
    const challenge = parseChallenge(refusal.header("www-authenticate") ?? "");
    if (challenge === undefined) throw this.#denied("it wants a password; only public packages can be fetched");
    const url = URL.parse(challenge.realm);
    // Whoever can read the token can pull what it is for, so it does not travel in the clear where nothing else does.
    if (url === null || (url.protocol !== "https:" && url.protocol !== new URL(this.#origin).protocol)) {
      throw registryInvalid(this.name, `it sends for a token to "${challenge.realm}"`);
    }
    if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
    url.searchParams.set("scope", `repository:${this.#repository}:pull`);
    const answer = await this.#get({ url: url.href, headers: { accept: "application/json" } });
    if (answer.status === 401 || answer.status === 403) throw this.#denied(`no token is given (${answer.status})`);
    const document = await readObject(answer, url.href);
    const token = asText(document.token) ?? asText(document.access_token);
    if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) throw registryInvalid(url.href, "it holds no token");
    return token;
  }

  #denied(why: string): WavsError {
    return new WavsError("registry_denied", {
      message: `Cannot fetch from "${this.name}" because ${why}; the package must be public`,
      retryable: false,
      meta: { repository: this.name },
    });
  }
}
