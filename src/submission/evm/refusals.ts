/** Why an endpoint does not take a transaction. */
export type Refusal =
  /** It has it already: as good as taken. */
  | "known"
  /** Its nonce is used by a mined transaction. */
  | "nonce_used"
  /** Another transaction with its nonce waits in the pool. */
  | "nonce_taken"
  /** Its fee is below what blocks or the pool ask for at the moment. */
  | "underpriced"
  | "insufficient_funds"
  | "other";

/** The words of geth, reth, erigon, nethermind, besu and anvil; the first that fits counts. */
const WORDINGS: readonly (readonly [RegExp, Refusal])[] = [
  [
    /already known|\bknown transaction|alreadyknown|already imported|already exists|already in (?:the )?(?:mem)?pool/,
    "known",
  ],
  [/replacement transaction|replacementnotallowed|could not replace|replacement underpriced/, "nonce_taken"],
  [
    /nonce (?:is )?too low|oldnonce|nonce too small|lower than the current nonce|nonce has already been used/,
    "nonce_used",
  ],
  [
    /insufficient funds|insufficientfunds|insufficient balance|exceeds (?:the )?(?:account|sender) balance|upfront cost exceeds/,
    "insufficient_funds",
  ],
  [
    /underpriced|fee too low|feetoolow|less than (?:the )?block base fee|gas price (?:is )?too low|below (?:the )?(?:minimum|configured)|tip cap/,
    "underpriced",
  ],
];

/** Reads an endpoint's own words; JSON-RPC has no codes for these. */
export function classifyRefusal(message: string): Refusal {
  const text = message.toLowerCase();
  return WORDINGS.find(([wording]) => wording.test(text))?.[1] ?? "other";
}
