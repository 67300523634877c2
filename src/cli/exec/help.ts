import { optionsHelp } from "../command_options.ts";
import { EXEC_OPTIONS } from "./options.ts";

/** What `wavs exec --help` prints. */
export function execHelp(): string {
  return `wavs exec FILE: run a component once, here, without a node

  The same engine, sandbox and limits as in a node. A component may do only what an --allow option grants.

Examples
  wavs exec square.wasm --input '{"x":5}'
  wavs exec square.wasm --input @request.json --json
  wavs exec price_oracle.wasm --input BTC-USD --allow-http api.example.com --config decimals=2 \\
    --config 'sources=https://api.example.com/prices/{pair}#data.amount'
  wavs exec kv_counter.wasm --input '{"atomic_increment":{"bucket":"b","key":"k","delta":1}}' --data ./state --calls
  wavs exec cron_echo.wasm --simulates-trigger '{"Cron":{"trigger_time":1700000000000000000}}'
  wavs exec block_echo.wasm --simulates-trigger '{"BlockInterval":{"chain":"evm:1","block_height":15}}' --data ./state
  wavs exec aggregator.wasm --input @aggregator_input.json --chain evm:31337 --config chain=evm:31337
  wavs exec aggregator.wasm --call handle-submit-callback --tx-error "out of gas"

The input of an aggregator component is JSON: {"trigger_action":…,"operator_response":…}, a response alone such as
{"payload":"0x01"}, or nothing. Trigger data are those of POST /dev/triggers: EvmContractEvent, CosmosContractEvent,
BlockInterval, Cron, AtProtoEvent, HypercoreAppend and Raw; hashes, indices and times may be left out.

Exit codes
  0   the component answered
  1   it returned an error, trapped or broke a limit, or something about the command is wrong
  75  temporary; run it again

Options
${optionsHelp(EXEC_OPTIONS)}`;
}
