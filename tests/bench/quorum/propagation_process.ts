/** `propagation_process.ts OPERATORS MESSAGES`: measures propagation and prints the result as JSON. */
import { measurePropagation } from "./propagation.ts";

const [operators, messages] = Deno.args.map(Number);
if (operators === undefined || messages === undefined) throw new Error("how many operators and messages is not given");
const result = await measurePropagation(operators, messages);
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(result)));
// libp2p keeps a timer running after it was stopped; in a node it ends with its worker.
Deno.exit(0);
