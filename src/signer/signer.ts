import { envelopeDigest, signingHash, WavsError } from "@/domain/mod.ts";
import type { Handlers } from "@/link/mod.ts";
import { OperatorKeys, transactionKeyOf } from "./keys.ts";
import { signHash, signTransaction } from "./sign.ts";
import type { SignerApi, SignerBoot } from "./types.ts";

/**
 * The signer in the caller's own thread; production runs it in its worker (`startSigner`).
 *
 * @throws WavsError `invalid_mnemonic`, `invalid_private_key`; neither quotes a secret
 */
export function createSigner(boot: SignerBoot): Handlers<SignerApi> {
  const operatorKeys = new OperatorKeys(boot.signingMnemonic);
  const credential = boot.aggregatorEvmCredential;
  const transactionKey = credential === undefined ? undefined : transactionKeyOf(credential);
  return {
    signEnvelope: async ({ hdIndex, envelope, kind }) => {
      const key = operatorKeys.at(hdIndex);
      const signature = await signHash(key, signingHash(envelopeDigest(envelope), kind));
      return { signer: key.address, signature };
    },
    operatorAddress: (hdIndex) => operatorKeys.at(hdIndex).address,
    signTransaction: (transaction) => {
      if (transactionKey === undefined) throw noAggregatorCredential();
      return signTransaction(transactionKey, transaction);
    },
    transactionAddress: () => transactionKey?.address,
  };
}

function noAggregatorCredential(): WavsError {
  return new WavsError("no_aggregator_credential", {
    message: `Cannot sign a transaction because "aggregator_evm_credential" is not set`,
    retryable: false,
  });
}
