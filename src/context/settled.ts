/**
 * The reason with which a signal is aborted once what it would have ended is over. Nobody reads it; without one `abort`
 * makes an exception with a stack trace, ten microseconds each, which adds up where it happens in every execution.
 */
export const SETTLED = "settled";
