import host from "host";

/** A value of this component's `config`, or `undefined` when the service does not set it. */
export function configVar(key: string): string | undefined {
  return host.configVar(key) ?? undefined;
}

/** A value of this component's `config`. @throws Error `<key> config variable is required` */
export function requireConfigVar(key: string): string {
  const value = configVar(key);
  if (value === undefined) throw new Error(`${key} config variable is required`);
  return value;
}

/** Lines in the node's log, marked with service, workflow and component. */
export const log = {
  error: (message: string): void => host.log({ tag: "error" }, message),
  warn: (message: string): void => host.log({ tag: "warn" }, message),
  info: (message: string): void => host.log({ tag: "info" }, message),
  debug: (message: string): void => host.log({ tag: "debug" }, message),
  trace: (message: string): void => host.log({ tag: "trace" }, message),
};

/**
 * The 20 bytes of the event id a response with this salt will have; in the aggregator world the id of the submission
 * at hand, whatever the salt.
 *
 * @throws Error `event id is all zeros`, which no node answers
 */
export function getEventId(salt?: Uint8Array): Uint8Array {
  const id = host.getEventId(salt ?? null);
  if (id.every((byte) => byte === 0)) throw new Error("event id is all zeros");
  return id;
}
