import type { PayingAccount } from "@/aggregator/types.ts";
import type { ChainKey, SubmitOutcome } from "@/domain/mod.ts";
import type { GaugeReading, Metrics } from "@/telemetry/mod.ts";

const CHAIN = ["chain"];

const GAUGES = [
  { name: "wavs_account_balance_ether", help: "What the account that pays has, in 10^18 wei", labels: CHAIN },
  {
    name: "wavs_account_transactions_left",
    help: "How many transactions it can pay for at the price of the latest",
    labels: CHAIN,
  },
] as const;

/** What transactions cost and who was faster. Call the answer when a submission has ended. */
export function measureSubmissions(
  metrics: Metrics,
  accounts: () => readonly PayingAccount[],
): (chain: ChainKey, outcome: SubmitOutcome) => void {
  metrics.gauges(GAUGES, () => {
    const of = (value: (account: PayingAccount) => number): GaugeReading[] =>
      accounts().map((account) => ({ labels: { chain: account.chain }, value: value(account) }));
    return Promise.resolve(
      new Map<string, readonly GaugeReading[]>([
        ["wavs_account_balance_ether", of(({ balanceWei }) => Number(balanceWei) / 1e18)],
        ["wavs_account_transactions_left", of(({ transactionsLeft }) => transactionsLeft)],
      ]),
    );
  });
  const counter = (name: string, help: string) => metrics.counter({ name, help, labels: CHAIN });
  const landed = counter("wavs_submissions_landed_total", "Events this node brought to their handler");
  const before = counter("wavs_submissions_landed_before_total", "Events that another operator was faster with");
  const used = counter("wavs_submission_gas_used_total", "Gas of transactions that took effect");
  const lost = counter("wavs_submission_gas_lost_total", "Gas of own transactions that came too late");
  return (chain, outcome) => {
    switch (outcome.kind) {
      case "landed":
        landed({ chain });
        used({ chain }, Number(outcome.gasUsed));
        return;
      case "landed_before":
        before({ chain });
        lost({ chain }, Number(outcome.gasLost));
    }
  };
}
