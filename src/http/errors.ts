import { isWavsError, serializeError } from "@/domain/mod.ts";

/** An answer that ends a request early, with the exact text of spec/wire.md 5.1. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.status = status;
    this.headers = headers;
  }
}

/** Codes with a status of their own; everything else that fails is a 500, as in the reference. */
const STATUS: ReadonlyMap<string, number> = new Map([
  ["chain_config_mismatch", 400],
  ["chain_exists", 409],
  ["chain_kind_unsupported", 400],
  ["chain_unknown", 400],
  ["component_digest_mismatch", 400],
  ["component_export_missing", 400],
  ["component_export_mistyped", 400],
  ["component_import_denied", 400],
  ["component_import_mistyped", 400],
  ["component_import_unknown", 400],
  ["component_invalid", 400],
  ["component_source_unsupported", 400],
  ["component_too_large", 413],
  ["component_unknown", 400],
  ["component_unsupported", 400],
  ["engine_busy", 503],
  ["invalid_value", 400],
  ["link_overloaded", 503],
  ["permission_unsupported", 400],
  ["rpc_overloaded", 503],
  ["rpc_timeout", 504],
  ["service_already_registered", 409],
  ["service_hash_unknown", 404],
  ["service_invalid", 400],
  ["service_manager_mismatch", 400],
  ["service_unknown", 404],
  ["storage_full", 507],
  ["too_many_manual_triggers", 400],
  ["trigger_unsupported", 400],
  ["trigger_wait_timeout", 504],
  ["workers_late", 504],
]);

/** One line of text, and no content type: that is what clients of the reference expect (spec/wire.md 5.1). */
export function errorResponse(error: unknown): Response {
  if (error instanceof HttpRefusal) return plain(error.status, error.message, error.headers);
  const { code, message } = serializeError(error);
  const status = isWavsError(error) ? STATUS.get(code) ?? 500 : 500;
  return plain(status, message.replaceAll("\n", " "), {});
}

/** A text body as bytes, so that no content type is added. */
export function plain(status: number, text: string, headers: Readonly<Record<string, string>>): Response {
  return new Response(new TextEncoder().encode(text), { status, headers });
}
