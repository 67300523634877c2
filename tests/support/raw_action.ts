/** A trigger action with raw data, in the shape components take it. */
export function rawAction(data: Uint8Array): unknown {
  const config = { serviceId: "00".repeat(32), workflowId: "default", trigger: { tag: "manual" } };
  return { config, data: { tag: "raw", val: data } };
}
