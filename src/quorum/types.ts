import type { Envelope, ServiceId, ServiceManager, SignatureKind, SignedBy } from "@/domain/mod.ts";

/** What a peer sent, as it came: a gossip message or an item of a catch-up answer. */
export interface PeerSubmission {
  /** Who sent it, for the record. */
  readonly peer: string;
  /** Of the topic or the catch-up request it came by. */
  readonly serviceId: ServiceId;
  readonly bytes: Uint8Array;
}

/** What became of it. */
export type IntakeResult =
  | { readonly kind: "stored" }
  /** It was stored before. */
  | { readonly kind: "known" }
  | {
    readonly kind: "refused";
    readonly code: string;
    readonly reason: string;
    /** No correct peer makes such a submission, whatever it knows of chains and services. */
    readonly isPeersFault: boolean;
  };

/** An envelope this node has signed, and whose word on its signatures counts. */
export interface SignedEnvelope {
  readonly serviceId: ServiceId;
  readonly manager: ServiceManager;
  readonly envelope: Envelope;
  readonly kind: SignatureKind;
  readonly own: SignedBy;
}
