/**
 * Missed heights of one trigger that are made up for after an outage.
 *
 * Default: as many as missed times of a cron trigger. Why: a trigger for every block would flood the node after a week.
 * At the limit: the oldest are given up, with a warning that says how many.
 */
export const MAX_MISSED_HEIGHTS = 10_000n;
