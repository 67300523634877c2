import { parseJson } from "../wavs/json.ts";

export interface Task {
  readonly getUrl: string;
  readonly postUrl: string;
  readonly postData: readonly [string, string];
  /** Names the file. */
  readonly timestamp: bigint;
}

/** @throws Error naming line and column of what is wrong */
export function parseTask(text: string): Task {
  const json = parseJson(text);
  const [first, second] = json.field("post_data").pair();
  return {
    getUrl: json.field("get_url").string(),
    postUrl: json.field("post_url").string(),
    postData: [first.string(), second.string()],
    timestamp: json.field("timestamp").u64(),
  };
}
