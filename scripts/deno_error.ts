/** Why a command of Deno's ended badly, from what it wrote about it: the last of the causes, else the message. */
export function reasonOf(stderr: string): string {
  // What is at the bottom of it stands last among the causes; frames of the stack come after them.
  const [message = "", rest = ""] = stderr.trim().split("Caused by:", 2);
  const causes = (rest.split("\n\n", 1)[0] ?? "").split("\n").map((line) => line.replace(/^\s*\d*:?\s*/, "")).filter((
    line,
  ) => line !== "");
  return causes.at(-1) ?? (message.split("\n", 1)[0]?.replace(/^error: /, "") || "it gives no reason");
}
