/** Requests one execution may have open at once. At the limit: `connection-limit-reached`. */
export const MAX_REQUESTS_PER_EXECUTION = 16;

/** Bytes of one response body a guest may read. At the limit: `HTTP-response-body-size`. */
export const MAX_RESPONSE_BODY_BYTES = 64 * 1024 * 1024;

/** Bytes of the headers of one response; Node's own default is lower than what some gateways send. */
export const MAX_RESPONSE_HEADER_BYTES = 64 * 1024;

/** Redirects followed when the node itself fetches a document or component; guests follow none. */
export const MAX_REDIRECTS = 5;
