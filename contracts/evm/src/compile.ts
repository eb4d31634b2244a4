import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import solc from 'solc';

/** What `artifacts/<name>.json` holds. Equal sources and compiler give equal bytes. */
export interface ContractArtifact {
  readonly contractName: string;
  /** Full version of the compiler. */
  readonly compiler: string;
  readonly abi: readonly unknown[];
  /** Creation code, hex with 0x. */
  readonly bytecode: `0x${string}`;
  /** Code as it stands on chain, hex with 0x. */
  readonly deployedBytecode: `0x${string}`;
}

/** The compiler's standard JSON output, as far as it is read here. */
interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;
}

interface CompiledContract {
  readonly abi: readonly unknown[];
  readonly evm: { readonly bytecode: { readonly object: string }; readonly deployedBytecode: { readonly object: string } };
}

const SETTINGS = {
  // The oldest instruction set with PUSH0: what permissioned networks have long enabled.
  evmVersion: 'shanghai',
  optimizer: { enabled: true, runs: 10_000 },
  // No source hash in the code: a comment changes nothing on chain, and the code depends on sources and compiler only.
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
};

/**
 * Compiles one contract with the pinned compiler.
 *
 * @param contractName name of the contract, in the file of the same name
 * @param folder where its source and all its imports stand
 * @throws Error with the compiler's messages; warnings count as errors
 */
export function compileContract(contractName: string, folder: string): ContractArtifact {
  const file = `${contractName}.sol`;
  const read = (path: string): string => readFileSync(join(folder, basename(path)), 'utf8');
  const input = { language: 'Solidity', sources: { [file]: { content: read(file) } }, settings: SETTINGS };
  const callbacks = { import: (path: string): { contents: string } => ({ contents: read(path) }) };
  const output = JSON.parse(solc.compile(JSON.stringify(input), callbacks)) as CompilerOutput;
  if (output.errors?.length) throw new Error(output.errors.map((error) => error.formattedMessage).join('\n'));
  const contract = output.contracts[file]?.[contractName];
  if (!contract) throw new Error(`${file} defines no contract ${contractName}`);
  return {
    contractName,
    compiler: solc.version(),
    abi: contract.abi,
    bytecode: `0x${contract.evm.bytecode.object}`,
    deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
  };
}
