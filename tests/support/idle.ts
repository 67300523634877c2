import process from "node:process";

/** Milliseconds the whole process computes during one second in which it has nothing to do. */
export async function idleCpuMs(): Promise<number> {
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
