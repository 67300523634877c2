import { type EvmAddress, type Service, WavsError } from "@/domain/mod.ts";
import { type DevChain, registerOperator, setServiceUri } from "./deploy.ts";
import type { NodeClient } from "./node_client.ts";

/** Who takes part when a service is set up: the owner of its manager contract, and an operator's node. */
export interface Parties {
  readonly chain: DevChain;
  readonly client: NodeClient;
}

/** What an operator weighs when nobody else is there to be compared with. */
const OPERATOR_WEIGHT = 10_000n;

/** Has the node serve the document and the manager contract name it: a new service, or a change of a registered one. */
export async function publishService({ chain, client }: Parties, service: Service): Promise<void> {
  const { uri } = await client.saveService(service);
  await setServiceUri(chain, evmManager(service), uri);
}

/**
 * What service owner and operator do by hand: publish the document, register it with the node, make its key count.
 *
 * @returns the address the node signs with for this service
 */
export async function registerService(parties: Parties, service: Service): Promise<EvmAddress> {
  const { chain, client } = parties;
  await publishService(parties, service);
  await client.registerService(service.manager);
  const signingKey = await client.signerAddress(service.manager);
  const registration = { operator: chain.account.address, signingKey, weight: OPERATOR_WEIGHT };
  await registerOperator(chain, evmManager(service), registration);
  return signingKey;
}

function evmManager({ manager }: Service): EvmAddress {
  if (manager.kind === "evm") return manager.address;
  throw new WavsError("manager_unsupported", {
    message: `Cannot publish a service whose manager is on "${manager.chain}"; only EVM contracts can be used here`,
    retryable: false,
  });
}
