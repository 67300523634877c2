/** How long anvil may take to listen; it needs 0.2 s, a busy machine several. Past it the start fails. */
export const ANVIL_START_TIMEOUT_MS = 30_000;

/** How long anvil may take to end after a signal; it writes its state first, if asked to. Past it it is killed. */
export const ANVIL_STOP_TIMEOUT_MS = 5_000;

/** How much of anvil's output is kept to explain a failure; older output is dropped. */
export const ANVIL_LOG_TAIL_CHARS = 64 * 1024;

/** How often a local chain is asked for a receipt: it mines at once, so waiting longer only slows the demo down. */
export const RECEIPT_POLL_MS = 50;

/** How long a receipt may take; covers a block time of several seconds. Past it the deployment fails. */
export const RECEIPT_TIMEOUT_MS = 30_000;

/** How long the demo waits for one event to land; it needs less than a second. Past it the demo fails. */
export const EVENT_TIMEOUT_MS = 60_000;

/** The most operators the demo starts, each a process of its own. More are refused. */
export const MAX_OPERATORS = 9;

/** How long an operator's process may take to start; several start side by side. Past it the demo fails. */
export const OPERATOR_START_TIMEOUT_MS = 60_000;

/** How long it may take to end by itself. Past it it is killed. */
export const OPERATOR_STOP_TIMEOUT_MS = 10_000;

/** How long operators may take to find each other. Past it the demo fails. */
export const MEETING_TIMEOUT_MS = 60_000;

/** How often they are asked whether they have. */
export const MEETING_POLL_MS = 100;
