import type { Fields } from "./http_fields.ts";
import { OutgoingBody } from "./http_outgoing.ts";
import type { GuestScope } from "./scope.ts";

const MIN_STATUS = 100;
const MAX_STATUS = 999;

/** `wasi:http/types` outgoing-response: a guest may make one, but in these worlds there is nobody to send it to. */
export class OutgoingResponse {
  readonly #headers: Fields;
  readonly #scope: GuestScope;
  #status = 200;
  #isBodyTaken = false;

  constructor(headers: Fields, scope: GuestScope) {
    headers.freeze();
    this.#headers = headers;
    this.#scope = scope;
  }

  statusCode(): number {
    return this.#status;
  }

  setStatusCode(status: number): void {
    if (status < MIN_STATUS || status > MAX_STATUS) throw undefined;
    this.#status = status;
  }

  headers(): Fields {
    return this.#headers;
  }

  body(): OutgoingBody {
    if (this.#isBodyTaken) throw undefined;
    this.#isBodyTaken = true;
    return new OutgoingBody(this.#scope);
  }
}
