/** What one check found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  /** What was found, with the value. */
  readonly detail: string;
  /** What to do about it; not for what is ok. */
  readonly fix?: string;
}
