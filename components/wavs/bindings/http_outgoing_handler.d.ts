import type { FutureIncomingResponse, OutgoingRequest } from "./http_types.d.ts";

declare const outgoingHandler: {
  handle(request: OutgoingRequest, options: null): FutureIncomingResponse;
};
export default outgoingHandler;
