import type { Bytes32, EventId, EvmAddress, ServiceId, SignedBy } from "@/domain/mod.ts";
import type { Database, Row } from "@/storage/mod.ts";
import {
  LATEST_SIGNATURES,
  MAX_ENVELOPES_PER_EVENT,
  MAX_ENVELOPES_PER_SIGNER,
  MAX_EVENTS_AHEAD_PER_SIGNER,
  MAX_SIGNERS_PER_ENVELOPE,
  MAX_SWEPT_ROWS,
} from "./limits.ts";

/** What signatures combine by: one envelope for one event of one service (spec/wire.md 3.8). */
export interface EnvelopeKey {
  readonly serviceId: ServiceId;
  readonly eventId: EventId;
  readonly envelopeDigest: Bytes32;
}

/** A verified signature of an operator that counts, and who brought it. */
export interface PeerSignature extends EnvelopeKey, SignedBy {
  readonly peer: string;
}

/** `crowded`: there is no room for it beside what is there (see limits.ts). */
export type Recorded = "stored" | "known" | "crowded";

/** The signatures of other operators. */
export class PeerSignatureTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  has({ serviceId, eventId, envelopeDigest, signer }: EnvelopeKey & Pick<SignedBy, "signer">): boolean {
    return this.#database.sql(
      "SELECT 1 FROM peer_signatures WHERE service_id = ? AND event_id = ? AND envelope_digest = ? AND signer = ?",
    ).get(serviceId, eventId, envelopeDigest, signer) !== undefined;
  }

  /** Of one envelope, signers ascending. */
  of({ serviceId, eventId, envelopeDigest }: EnvelopeKey): SignedBy[] {
    return this.#database.sql(
      `SELECT signer, signature FROM peer_signatures
       WHERE service_id = ? AND event_id = ? AND envelope_digest = ? ORDER BY signer`,
    ).all(serviceId, eventId, envelopeDigest).map(readSignature);
  }

  /** Who has signed lately for a service: operators that are there. */
  latestSigners(serviceId: ServiceId): EvmAddress[] {
    return this.#database.sql(
      `SELECT DISTINCT signer FROM
         (SELECT signer FROM peer_signatures WHERE service_id = ? ORDER BY id DESC LIMIT ${LATEST_SIGNATURES})`,
    ).all(serviceId).map((row) => row.signer as EvmAddress);
  }

  insert(signature: PeerSignature, now: number): Recorded {
    if (this.has(signature)) return "known";
    const own = this.#ownDigest(signature);
    if (!this.#hasRoom(signature, own)) return "crowded";
    const { serviceId, eventId, envelopeDigest, signer } = signature;
    const isWaiting = own === undefined;
    this.#database.sql(
      `INSERT INTO peer_signatures
         (service_id, event_id, envelope_digest, signer, signature, peer, waiting, received_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(serviceId, eventId, envelopeDigest, signer, signature.signature, signature.peer, isWaiting ? 1 : 0, now);
    if (isWaiting) this.#dropOldestAhead(serviceId, signer);
    return "stored";
  }

  remove({ serviceId, eventId, envelopeDigest }: EnvelopeKey, signer: EvmAddress): void {
    this.#database.sql(
      "DELETE FROM peer_signatures WHERE service_id = ? AND event_id = ? AND envelope_digest = ? AND signer = ?",
    ).run(serviceId, eventId, envelopeDigest, signer);
  }

  /** This node has signed the event itself: what peers signed of it does not count as ahead any more. */
  caughtUp(serviceId: ServiceId, eventId: EventId): void {
    this.#database.sql("UPDATE peer_signatures SET waiting = 0 WHERE service_id = ? AND event_id = ?")
      .run(serviceId, eventId);
  }

  /**
   * Deletes what is not needed any more, at most so many rows that nobody waits for it.
   *
   * @param expired received before this: nothing waits for them that long
   * @param served received before this: they go once their event has come to its end
   * @returns how many were deleted
   */
  sweep({ expired, served }: { readonly expired: number; readonly served: number }): number {
    return this.#database.sql(
      `DELETE FROM peer_signatures WHERE id IN (
         SELECT id FROM peer_signatures p WHERE received_at_ms < ?1 OR (received_at_ms < ?2 AND waiting = 0
           AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.event_id = p.event_id
             AND s.state IN ('unsigned', 'signed', 'quorum', 'submitting')))
         ORDER BY received_at_ms LIMIT ${MAX_SWEPT_ROWS})`,
    ).run(expired, served).changes;
  }

  count(): number {
    return Number(this.#database.sql("SELECT COUNT(*) AS count FROM peer_signatures").get()?.count);
  }

  /** The digest this node signed for the event. */
  #ownDigest({ serviceId, eventId }: EnvelopeKey): string | undefined {
    return this.#database.sql("SELECT envelope_digest FROM sign_guard WHERE service_id = ? AND event_id = ?")
      .get(serviceId, eventId)?.envelope_digest as string | undefined;
  }

  #hasRoom({ serviceId, eventId, envelopeDigest, signer }: PeerSignature, own: string | undefined): boolean {
    const row = this.#database.sql(
      `SELECT COUNT(DISTINCT envelope_digest) FILTER (WHERE envelope_digest <> ?3) AS envelopes,
              COUNT(*) FILTER (WHERE signer = ?4) AS of_signer,
              COUNT(*) FILTER (WHERE envelope_digest = ?3) AS signers
       FROM peer_signatures WHERE service_id = ?1 AND event_id = ?2`,
    ).get(serviceId, eventId, envelopeDigest, signer);
    const isCrowded = Number(row?.envelopes) >= MAX_ENVELOPES_PER_EVENT && envelopeDigest !== own;
    return !isCrowded && Number(row?.of_signer) < MAX_ENVELOPES_PER_SIGNER &&
      Number(row?.signers) < MAX_SIGNERS_PER_ENVELOPE;
  }

  #dropOldestAhead(serviceId: ServiceId, signer: EvmAddress): void {
    const ahead = this.#database.sql(
      "SELECT COUNT(*) AS count, MIN(id) AS oldest FROM peer_signatures WHERE service_id = ? AND signer = ? AND waiting = 1",
    ).get(serviceId, signer);
    if (ahead === undefined || Number(ahead.count) <= MAX_EVENTS_AHEAD_PER_SIGNER) return;
    this.#database.sql("DELETE FROM peer_signatures WHERE id = ?").run(Number(ahead.oldest));
  }
}

function readSignature(row: Row): SignedBy {
  return { signer: row.signer as EvmAddress, signature: row.signature as Uint8Array };
}
