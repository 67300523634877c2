/**
 * What becomes of occurrences whose time passed while nobody watched: all of them fire late, only the latest does, or
 * none.
 */
export type MissedPolicy = "fire_all" | "fire_last" | "skip";

/**
 * Which occurrences fire, by policy.
 *
 * @param due oldest first
 * @param missed how many of them, from the first, count as missed
 */
export function afterMissed<T>(due: readonly T[], missed: number, policy: MissedPolicy): readonly T[] {
  switch (policy) {
    case "fire_all":
      return due;
    case "fire_last":
      return due.slice(Math.max(0, missed - 1));
    case "skip":
      return due.slice(missed);
  }
}
