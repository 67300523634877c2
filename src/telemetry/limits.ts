/**
 * How long one log line may get, in characters.
 *
 * Default: what a journal daemon takes in one piece with room to spare. Why: a record quotes foreign text, and log
 * stores cut or refuse long lines. At the limit: the fields that no longer fit are dropped and counted in the line.
 */
export const MAX_LOG_LINE_CHARS = 16 * 1024;

/** How long the message or one text in a record may be, in characters. At the limit: cut, with an ellipsis. */
export const MAX_LOG_TEXT_CHARS = 2048;

/** How many fields a record may carry. At the limit: the others are dropped and counted in the line. */
export const MAX_LOG_FIELDS = 64;

/** How many directives a log filter may have; each record is held against all of them. At the limit: refused. */
export const MAX_LOG_DIRECTIVES = 64;

/**
 * How short a secret may be, in characters, to be looked for in every log line.
 *
 * Why: replacing every "a" or "01" would leave no line readable and would give the secret away by where it did. Shorter
 * ones are not filtered, which is one of the reasons why the configuration warns of them.
 */
export const MIN_FILTERED_SECRET_CHARS = 6;
