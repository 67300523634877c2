import assert from "node:assert/strict";
import { english, generateMnemonic, generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { parseTransaction, recoverTransactionAddress } from "viem";
import { createContext, type LogFields, type Logger } from "@/context/mod.ts";
import {
  bytesToHex,
  type Envelope,
  isWavsError,
  parseEventId,
  parseEventOrder,
  parseEvmAddress,
  recoverEnvelopeSigner,
  serializeError,
  type SignatureKind,
  type UnsignedTransaction,
} from "@/domain/mod.ts";
import type { Remote } from "@/link/mod.ts";
import { MAX_CACHED_KEYS, MAX_HD_INDEX } from "./limits.ts";
import { createSigner, type SignerApi, type SignerBoot, startSigner } from "./mod.ts";

const MNEMONIC = "test test test test test test test test test test test junk";
const EIP191: SignatureKind = { algorithm: "secp256k1", prefix: "eip191" };
const PLAIN: SignatureKind = { algorithm: "secp256k1", prefix: undefined };

/** spec/wire.md 3.2 */
const ENVELOPE: Envelope = {
  eventId: parseEventId("01".repeat(20)),
  ordering: parseEventOrder("00".repeat(12)),
  payload: new Uint8Array([1, 2, 3]),
};

const TRANSACTION: UnsignedTransaction = {
  chainId: 31_337,
  nonce: 7,
  to: parseEvmAddress("11".repeat(20)),
  data: "0xf969ff33",
  gas: 100_000n,
  fees: { kind: "eip1559", maxFeePerGas: 30n, maxPriorityFeePerGas: 2n },
};

/** One way to run a signer. The same tests hold for both. */
interface Carrier {
  readonly name: string;
  start(boot: SignerBoot, logged: string[]): Promise<{ readonly api: Remote<SignerApi>; close(): void }>;
}

const CARRIERS: readonly Carrier[] = [
  { name: "in-thread", start: (boot) => Promise.resolve(startInThread(boot)) },
  { name: "worker", start: (boot, logged) => startSigner(boot, { context: recordingContext(logged) }) },
];

function startInThread(boot: SignerBoot) {
  const handlers = createSigner(boot);
  const call = { signal: new AbortController().signal };
  const api: Remote<SignerApi> = {
    signEnvelope: async (request) => await handlers.signEnvelope(request, call),
    operatorAddress: async (hdIndex) => await handlers.operatorAddress(hdIndex, call),
    signTransaction: async (transaction) => await handlers.signTransaction(transaction, call),
    transactionAddress: async () => await handlers.transactionAddress(undefined, call),
  };
  return { api, close: () => {} };
}

function recordingContext(logged: string[]) {
  const write = (message: string, fields: LogFields = {}) => void logged.push(message, Deno.inspect(fields));
  const log: Logger = { error: write, warn: write, info: write, debug: write, trace: write, child: () => log };
  return createContext({ log, signal: new AbortController().signal });
}

async function withSigner(
  carrier: Carrier,
  boot: Partial<SignerBoot>,
  use: (api: Remote<SignerApi>) => Promise<void>,
): Promise<void> {
  const full: SignerBoot = { signingMnemonic: MNEMONIC, aggregatorEvmCredential: undefined, ...boot };
  const signer = await carrier.start(full, []);
  try {
    await use(signer.api);
  } finally {
    signer.close();
  }
}

for (const carrier of CARRIERS) {
  Deno.test(`${carrier.name} signer derives the addresses of the specification`, async () => {
    await withSigner(carrier, { aggregatorEvmCredential: MNEMONIC }, async (api) => {
      assert.equal(await api.operatorAddress(1), "0x70997970c51812dc3a010c7d01b50e0d17dc79c8");
      assert.equal(await api.operatorAddress(2), "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc");
      assert.equal(await api.operatorAddress(3), "0x90f79bf6eb2c4f870365e785982e1f101e93b906");
      assert.equal(await api.transactionAddress(undefined), "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
    });
  });

  Deno.test(`${carrier.name} signer makes the signatures of the specification`, async () => {
    await withSigner(carrier, {}, async (api) => {
      const prefixed = await api.signEnvelope({ hdIndex: 1, envelope: ENVELOPE, kind: EIP191 });
      const plain = await api.signEnvelope({ hdIndex: 1, envelope: ENVELOPE, kind: PLAIN });
      assert.equal(prefixed.signer, "0x70997970c51812dc3a010c7d01b50e0d17dc79c8");
      assert.equal(
        bytesToHex(prefixed.signature),
        "0xee830dd975c7b3769b2de7bdee0279c94034ec66826ff65606a8eae211cce5e964b351eb6abe8c7fdea6481972d67c0ff30ea066e4dbd752d2b839915ec8ad421b",
      );
      assert.equal(
        bytesToHex(plain.signature),
        "0xc6466cdbbb19b61f2c6659c07ecefe4cfce925ebbc07b70a0cab36662e7fb50c19ef16f9d3e3bccd5500e0b80603a8ca46961ff59d040fe37973a260772b61621c",
      );
    });
  });

  Deno.test(`${carrier.name} signer's envelope signatures recover to the address it names`, async () => {
    await withSigner(carrier, {}, async (api) => {
      for (const hdIndex of [1, 17, MAX_HD_INDEX]) {
        const { signer, signature } = await api.signEnvelope({ hdIndex, envelope: ENVELOPE, kind: EIP191 });
        const recovered = recoverEnvelopeSigner(ENVELOPE, { data: signature, kind: EIP191 });
        assert.equal(recovered, signer, `index ${hdIndex}`);
        assert.equal(await api.operatorAddress(hdIndex), signer, `index ${hdIndex}`);
      }
    });
  });

  Deno.test(`${carrier.name} signer refuses every index that is no signing key`, async () => {
    await withSigner(carrier, {}, async (api) => {
      for (const hdIndex of [0, -1, 1.5, NaN, MAX_HD_INDEX + 1]) {
        const refused = (error: unknown) => isWavsError(error, "invalid_hd_index");
        await assert.rejects(api.operatorAddress(hdIndex), refused, `address of ${hdIndex}`);
        await assert.rejects(api.signEnvelope({ hdIndex, envelope: ENVELOPE, kind: EIP191 }), refused, `${hdIndex}`);
      }
    });
  });

  Deno.test(`${carrier.name} signer signs transactions that say what they were asked to say`, async () => {
    const privateKey = generatePrivateKey();
    await withSigner(carrier, { aggregatorEvmCredential: privateKey }, async (api) => {
      const { raw, hash, from } = await api.signTransaction(TRANSACTION);
      const parsed = parseTransaction(raw);
      assert.equal(from, privateKeyToAddress(privateKey).toLowerCase());
      assert.equal(await api.transactionAddress(undefined), from);
      const sender = await recoverTransactionAddress({ serializedTransaction: raw as `0x02${string}` });
      assert.equal(sender.toLowerCase(), from);
      assert.match(hash, /^0x[0-9a-f]{64}$/);
      const { chainId, nonce, to, data, gas, fees } = TRANSACTION;
      const { kind: _kind, ...feeFields } = fees;
      for (const [field, value] of Object.entries({ chainId, nonce, to, data, gas, ...feeFields })) {
        assert.equal(parsed[field as keyof typeof parsed], value, field);
      }
      const legacy = await api.signTransaction({ ...TRANSACTION, fees: { kind: "legacy", gasPrice: 5n } });
      assert.equal(parseTransaction(legacy.raw).gasPrice, 5n);
    });
  });

  Deno.test(`${carrier.name} signer without a credential signs no transaction`, async () => {
    await withSigner(carrier, {}, async (api) => {
      assert.equal(await api.transactionAddress(undefined), undefined);
      await assert.rejects(
        api.signTransaction(TRANSACTION),
        (error) => isWavsError(error, "no_aggregator_credential") && !error.retryable,
      );
    });
  });

  Deno.test(`${carrier.name} signer refuses a transaction no chain could carry`, async () => {
    await withSigner(carrier, { aggregatorEvmCredential: MNEMONIC }, async (api) => {
      const refused = (error: unknown) => isWavsError(error, "invalid_transaction");
      const overpriced = { kind: "eip1559", maxFeePerGas: 1n, maxPriorityFeePerGas: 2n } as const;
      await assert.rejects(api.signTransaction({ ...TRANSACTION, fees: overpriced }), refused);
      await assert.rejects(api.signTransaction({ ...TRANSACTION, nonce: -1 }), refused);
    });
  });

  Deno.test(`${carrier.name} signer takes a mnemonic with untidy spaces`, async () => {
    await withSigner(carrier, { signingMnemonic: `  ${MNEMONIC.replaceAll(" ", "\n ")} ` }, async (api) => {
      assert.equal(await api.operatorAddress(1), "0x70997970c51812dc3a010c7d01b50e0d17dc79c8");
    });
  });

  Deno.test(`${carrier.name} signer remembers more keys than its cache holds by deriving them again`, async () => {
    await withSigner(carrier, {}, async (api) => {
      const first = await api.operatorAddress(1);
      await Promise.all(Array.from({ length: MAX_CACHED_KEYS + 1 }, (_, index) => api.operatorAddress(index + 2)));
      assert.equal(await api.operatorAddress(1), first);
    });
  });

  Deno.test(`${carrier.name} signer names the bad setting and quotes no secret`, async () => {
    const secret = generateMnemonic(english);
    const wrongChecksum = `${secret} ${secret.split(" ")[0]}`;
    // The order of the curve: 64 digits, but no key.
    const noKey = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    const cases = [
      { boot: { signingMnemonic: wrongChecksum }, code: "invalid_mnemonic", names: "signing_mnemonic" },
      { boot: { signingMnemonic: generatePrivateKey() }, code: "invalid_mnemonic", names: "signing_mnemonic" },
      {
        boot: { aggregatorEvmCredential: wrongChecksum },
        code: "invalid_mnemonic",
        names: "aggregator_evm_credential",
      },
      { boot: { aggregatorEvmCredential: `${generatePrivateKey()}ab` }, code: "invalid_private_key" },
      { boot: { aggregatorEvmCredential: noKey }, code: "invalid_private_key" },
      { boot: { aggregatorEvmCredential: `0x${"00".repeat(32)}` }, code: "invalid_private_key" },
    ] as const;
    for (const { boot, code, ...rest } of cases) {
      const logged: string[] = [];
      const full: SignerBoot = { signingMnemonic: MNEMONIC, aggregatorEvmCredential: undefined, ...boot };
      const start = async () => (await carrier.start(full, logged)).close();
      await assert.rejects(start(), (error) => {
        assert.ok(isWavsError(error, code), `${Deno.inspect(error)} instead of ${code}`);
        if ("names" in rest) assert.ok(error.message.includes(rest.names), error.message);
        const told = [Deno.inspect(serializeError(error)), Deno.inspect(error), ...logged].join("\n");
        for (const value of Object.values(boot)) assertUntold(told, value);
        return true;
      });
    }
  });
}

/** Neither the secret nor the longer words or digits of it, whatever an error or log says. */
function assertUntold(told: string, secret: string): void {
  const digits = secret.startsWith("0x") ? [secret.slice(2, 34)] : [];
  for (const piece of [secret, ...digits, ...pairsOf(secret)]) {
    assert.ok(!told.includes(piece), `"${piece}" was told`);
  }
}

function pairsOf(mnemonic: string): string[] {
  const words = mnemonic.split(" ");
  return words.slice(1).map((word, index) => `${words[index]} ${word}`);
}

Deno.test("a running signer tells no secret, not even to an inspector", () => {
  const handlers = createSigner({ signingMnemonic: MNEMONIC, aggregatorEvmCredential: MNEMONIC });
  const told = Deno.inspect(handlers, { depth: 20, showHidden: true }) + JSON.stringify(handlers) + String(handlers);
  assert.ok(!told.includes("junk"));
});
