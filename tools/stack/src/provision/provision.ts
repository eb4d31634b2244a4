import type { Namespace } from '../names.js';
import type { Parts } from '../start-parts.js';
import { provisionContract, type RegistryContract } from './contract.js';
import { provisionCosigners, type KnownCosigner } from './cosigners.js';
import { provisionDatabases, type ServiceDatabases } from './databases.js';
import { provisionKeystores, type Keystores } from './keystores.js';
import { runMigrations } from './migrations.js';
import { writePublicFiles, type PublicFiles } from './public-files.js';
import { claimTopics, provisionTopics } from './topics.js';

/** Everything that the services find when they start. */
export interface Provisioned {
  readonly databases: ServiceDatabases;
  readonly keystores: Keystores;
  readonly cosigners: readonly KnownCosigner[];
  readonly contract: RegistryContract;
  readonly publicFiles: PublicFiles;
}

/** Prepares databases, keys, topics and contract. Repeating it changes nothing that exists. */
export async function provision(parts: Parts, namespace: Namespace, log: (line: string) => void): Promise<Provisioned> {
  const timed = timer(log);
  const keystores = provisionKeystores(parts.layout);
  const cosigners = provisionCosigners(parts.layout, keystores.logs);
  const [databases, , contract] = await Promise.all([
    timed('databases, roles and migrations', async () => {
      const provisioned = await provisionDatabases(parts.layout, parts.postgres, namespace);
      await runMigrations(parts.layout, parts.postgres, provisioned);
      return provisioned;
    }),
    timed('topics', async () => {
      await claimTopics(parts.layout, parts.kafka, namespace.topic);
      await provisionTopics(parts.kafka.brokers, namespace.topic);
    }),
    timed('contract', () => provisionContract(parts.layout, parts.chain, keystores, log)),
  ]);
  const publicFiles = writePublicFiles(parts.layout, keystores.logs, cosigners, { ...contract, name: parts.chain.name });
  return { databases, keystores, cosigners, contract, publicFiles };
}

function timer(log: (line: string) => void): <Result>(what: string, work: () => Promise<Result>) => Promise<Result> {
  return async (what, work) => {
    const begin = performance.now();
    const result = await work();
    log(`${what} ready (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
    return result;
  };
}
