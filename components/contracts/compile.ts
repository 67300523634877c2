import solc from "solc";

const SOURCE_DIR = new URL("./src/", import.meta.url);

/**
 * Compiler settings of every artifact.
 *
 * `paris` runs on every chain with EVM semantics, including those without PUSH0. No metadata hash: the bytecode must
 * depend on the code alone, not on comments and paths, or artifacts could not be compared.
 */
const SETTINGS = {
  optimizer: { enabled: true, runs: 200 },
  evmVersion: "paris",
  metadata: { bytecodeHash: "none", appendCBOR: false },
} as const;

/** A deployable contract as it is committed. */
export interface Artifact {
  readonly contractName: string;
  readonly abi: readonly AbiItem[];
  readonly bytecode: string;
  readonly solc: string;
  readonly settings: typeof SETTINGS;
}

/** One entry of an ABI; only its kind matters here. */
interface AbiItem {
  readonly type: string;
}

/** What of the compiler's standard JSON output is used here. */
interface CompilerOutput {
  readonly errors?: readonly { readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;
}

interface CompiledContract {
  readonly abi: readonly AbiItem[];
  readonly evm: { readonly bytecode: { readonly object: string } };
}

/**
 * Compiles every deployable contract of `src/`, in alphabetical order.
 *
 * @throws Error with the compiler's own text for errors and warnings alike
 */
export function compileContracts(): Artifact[] {
  const output: CompilerOutput = JSON.parse(solc.compile(JSON.stringify({
    language: "Solidity",
    sources: readSources(),
    settings: { ...SETTINGS, outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } },
  })));
  if (output.errors !== undefined && output.errors.length > 0) {
    throw new Error(output.errors.map((error) => error.formattedMessage).join("\n"));
  }
  return Object.values(output.contracts ?? {})
    .flatMap((contracts) => Object.entries(contracts))
    .filter(([, contract]) => isDeployable(contract))
    .map(([contractName, contract]) => toArtifact(contractName, contract))
    .toSorted((a, b) => a.contractName < b.contractName ? -1 : 1);
}

function toArtifact(contractName: string, contract: CompiledContract): Artifact {
  return {
    contractName,
    abi: contract.abi,
    bytecode: `0x${contract.evm.bytecode.object}`,
    solc: solc.version(),
    settings: SETTINGS,
  };
}

/** Interfaces and abstract contracts have no bytecode; libraries that are inlined have some, but no function to call. */
function isDeployable(contract: CompiledContract): boolean {
  return contract.evm.bytecode.object !== "" && contract.abi.some((item) => item.type === "function");
}

function readSources(): Record<string, { content: string }> {
  return Object.fromEntries(
    [...Deno.readDirSync(SOURCE_DIR)]
      .map((entry) => entry.name)
      .filter((name) => name.endsWith(".sol"))
      .toSorted()
      .map((name) => [name, { content: Deno.readTextFileSync(new URL(name, SOURCE_DIR)) }]),
  );
}
