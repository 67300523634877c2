export { CatchUp, type CatchUpModules, type CatchUpOptions } from "./catch_up.ts";
export { Intake, type IntakeModules } from "./intake.ts";
export { Quorum, type QuorumModules } from "./quorum.ts";
export { operatorsBefore } from "./ranking.ts";
export { SignerWeights, type SignerWeightsModules } from "./signer_weights.ts";
export { type SignedRow, submissionBytes } from "./submission_bytes.ts";
export type { IntakeResult, PeerSubmission, SignedEnvelope } from "./types.ts";
