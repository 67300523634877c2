import type { QuorumOutcome, SignerWeightRequest, ValidateRequest } from "@/aggregator/types.ts";
import { type Context, createContext, type Logger } from "@/context/mod.ts";
import { type ManualClock, manualClock } from "@/context/testing/manual_clock.ts";
import {
  envelopeDigest,
  parseService,
  type ServiceId,
  serviceIdOf,
  type Submission,
  type WorkflowId,
} from "@/domain/mod.ts";
import { Journal } from "@/journal/mod.ts";
import type { RegisteredService } from "@/services/types.ts";
import { type Database, openDatabase } from "@/storage/mod.ts";
import type { TriggerIdentity } from "@/triggers/types.ts";
import { createVerifier } from "@/verifier/mod.ts";
import { operatorAddress, signedSubmission, submissionBytes } from "@/verifier/testing/signed_submission.ts";
import { CatchUp, Intake, type IntakeResult, Quorum, type SignedEnvelope, SignerWeights } from "../mod.ts";
import { ModelManager } from "./manager.ts";

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };

const COMPONENT = JSON.stringify({ source: { digest: "ab".repeat(32) }, permissions: {}, config: {}, env_keys: [] });
const DEMO = parseService(`{
  "name": "demo",
  "workflows": {
    "default": {
      "trigger": "manual",
      "component": ${COMPONENT},
      "submit": {
        "aggregator": { "component": ${COMPONENT}, "signature_kind": { "algorithm": "secp256k1", "prefix": "eip191" } }
      }
    },
    "silent": { "trigger": "manual", "component": ${COMPONENT}, "submit": "none" }
  },
  "status": "active",
  "manager": { "evm": { "chain": "evm:31337", "address": "0x5FbDB2315678afecb367f032d93F642f64180aa3" } }
}`);

/** This node's operator; peers are others. */
export const OWN_KEY = 1;

/** Whoever says what signers weigh and which signatures suffice: a model, or a chain. */
export interface Judge {
  weigh(request: SignerWeightRequest): Promise<bigint>;
  validate(request: ValidateRequest): Promise<QuorumOutcome>;
}

/** Everything of a node that decides about signatures, over a real journal. */
export interface JudgedStage extends Disposable {
  readonly journal: Journal;
  readonly database: Database;
  readonly context: Context;
  readonly clock: ManualClock;
  readonly intake: Intake;
  readonly quorum: Quorum;
  readonly catchUp: CatchUp;
  readonly serviceId: ServiceId;
  readonly services: Map<ServiceId, RegisteredService>;
  receive(submission: Submission, peer?: string): Promise<IntakeResult>;
  /** Brings an event to where its response is signed by this node. */
  sign(submission: Submission): { readonly submissionId: number; readonly signed: SignedEnvelope };
}

export interface QuorumStage extends JudgedStage {
  readonly manager: ModelManager;
}

/** A stage whose manager is in memory. */
export async function openQuorumStage(threshold: bigint, path = ":memory:"): Promise<QuorumStage> {
  const manager = new ModelManager(threshold);
  return { ...await openJudgedStage(manager, path), manager };
}

export async function openJudgedStage(judge: Judge, path = ":memory:"): Promise<JudgedStage> {
  const database = openDatabase({ path, durability: "process" });
  const clock = manualClock(1_700_000_000_000);
  const context = { ...createContext({ log: SILENT, signal: new AbortController().signal }), clock };
  const journal = new Journal({ database, clock });
  const serviceId = serviceIdOf(DEMO.manager);
  const services = new Map([[serviceId, { serviceId, service: DEMO, digest: "" as never, hdIndex: 1 }]]);
  const weights = new SignerWeights({ clock, ask: (request) => judge.weigh(request) });
  const quorum = new Quorum({ context, journal, weights, validate: (request) => judge.validate(request) });
  const verifier = await createVerifier();
  const call = { signal: context.signal };
  const intake = new Intake({
    context,
    journal,
    services,
    weights,
    verifier: { verify: async (bytes) => await verifier.verify(bytes, call) },
  });
  const catchUp = new CatchUp({ ttlMs: 300_000 }, { clock, journal, services });
  return {
    journal,
    database,
    context,
    clock,
    intake,
    quorum,
    catchUp,
    serviceId,
    services,
    receive: (submission, peer = "peer") => intake.take({ peer, serviceId, bytes: submissionBytes(submission) }),
    sign: (submission) => sign(journal, submission),
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}

function sign(journal: Journal, submission: Submission) {
  const { triggerAction, operatorResponse: response, eventId, envelope, envelopeSignature } = submission;
  const { serviceId, workflowId } = triggerAction.config;
  const [eventRow] = journal.recordEvents([{
    serviceId,
    workflowId,
    trigger: triggerAction.config.trigger,
    data: triggerAction.data,
    identity: eventId as string as TriggerIdentity,
    block: undefined,
    detectedAtMs: 0,
  }]);
  if (eventRow === undefined) throw new Error("the event is known already");
  journal.beginExecution(eventRow);
  journal.recordResponses(eventRow, [{ eventId, response }]);
  const [row] = journal.submissions.ofEvent(eventRow);
  if (row === undefined) throw new Error("the response has no row");
  journal.guardSignature(serviceId, eventId, envelopeDigest(envelope));
  const own = { signer: operatorAddress(OWN_KEY), signature: envelopeSignature.data };
  journal.recordSignature(row.id, { signer: own.signer, bytes: own.signature });
  const signed = { serviceId, manager: DEMO.manager, envelope, kind: envelopeSignature.kind, own };
  return { submissionId: row.id, signed };
}

/** One operator's submission for event number `event`, all of them agreeing on the answer unless told otherwise. */
export function submissionOf(
  key: number,
  { event = 1, answer = "answer", workflowId = "default" }: {
    readonly event?: number;
    readonly answer?: string;
    readonly workflowId?: string;
  } = {},
): Submission {
  return signedSubmission({
    serviceId: serviceIdOf(DEMO.manager),
    workflowId: workflowId as WorkflowId,
    data: { kind: "Raw", data: new TextEncoder().encode(`event ${event}`) },
    response: { payload: new TextEncoder().encode(answer) },
    key,
  });
}
