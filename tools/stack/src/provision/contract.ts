import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployRegistry } from '@countersign/chain';
import type { DataLayout } from '../layout.js';
import type { ChainPart } from '../parts/chain.js';
import { StackError } from '../stack-error.js';
import { prettyJson, writePublicFile } from './kept-file.js';
import type { Keystores } from './keystores.js';

/** The contract that keeps the heads. */
export interface RegistryContract {
  /** Lower-case `0x` address. */
  readonly address: string;
  /** E.g. `evm:31337:0x…`; what bundles and trust files name. */
  readonly identity: string;
}

/**
 * Deploys the contract once. A remembered one is kept as long as the chain still holds exactly this code at its address;
 * on a chain that lost it (or another chain) a new one is deployed, whose identity differs, so that no trust file that
 * pins the old one accepts it silently.
 */
export async function provisionContract(
  layout: DataLayout,
  chain: ChainPart,
  { publisherKeyFile }: Keystores,
  log: (line: string) => void,
): Promise<RegistryContract> {
  const file = join(layout.public, 'contract.json');
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RegistryContract) : undefined;
  const deployerKey = Buffer.from(readFileSync(publisherKeyFile, 'utf8').trim().slice(2), 'hex');
  const { contract, identity, isNew } = await deployRegistry({ rpcUrl: chain.rpcUrl, deployerKey, known: known?.address }).catch(
    (error: unknown) => {
      throw new StackError(
        `the contract could not be deployed on the ${chain.name} (${(error as Error).message}): the account of ${publisherKeyFile} pays for it and for every commit`,
        { cause: error },
      );
    },
  );
  if (isNew && known !== undefined) {
    log(
      `the chain does not hold contract ${known.address}: a new one was deployed; heads on the old one are not evidence any more`,
    );
  }
  const registry: RegistryContract = { address: contract, identity };
  writePublicFile(file, prettyJson(registry));
  return registry;
}
