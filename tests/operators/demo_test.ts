import assert from "node:assert/strict";
import { runCliProcess } from "@tests/support/cli_process.ts";

for (const discovery of ["mdns", "kademlia"]) {
  Deno.test(`wavs dev --operators 3 shows how they find each other by ${discovery}, agree, and who brings the answer`, async () => {
    const { code, stdout, stderr } = await runCliProcess(
      ".",
      "dev",
      "--operators",
      "3",
      "--once",
      "--discovery",
      discovery,
    );
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    for (const operator of ["operator 1", "operator 2", "operator 3"]) {
      assert.match(stdout, new RegExp(`ms  signed +${operator}`));
      assert.match(stdout, new RegExp(`ms  quorum +${operator}`));
    }
    assert.match(stdout, /ms {2}landed +operator \d/);
    assert.match(stdout, /✔ the chain holds {"y":49}\n +1 transaction for 3 operators, by operator \d\n/);
  });
}

Deno.test("what the demo does not know is refused with what it takes", async () => {
  const refused = async (...args: string[]) => {
    const { code, stderr } = await runCliProcess(".", "dev", ...args);
    assert.equal(code, 1);
    return stderr;
  };
  assert.match(await refused("--operators", "ten"), /Cannot use "ten" for --operators; expected a number from 1 to 9/);
  assert.match(await refused("--operators", "3", "--discovery", "dns"), /expected "mdns" or "kademlia"/);
  assert.match(await refused("--twice"), /Unknown option '--twice'; see wavs dev --help/);
});
