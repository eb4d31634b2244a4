import { openDataLayout } from './layout.js';
import { startChain } from './parts/chain.js';
import { startKafka } from './parts/kafka.js';
import { openPortBook } from './parts/ports.js';
import { startPostgres } from './parts/postgres.js';
import { Supervisor } from './parts/supervisor.js';

export type TestPartName = 'postgres' | 'kafka' | 'chain';

export interface TestParts {
  /** Postgres superuser URL, Kafka broker list, chain RPC URL; absent if not wanted. */
  readonly addresses: Partial<Record<TestPartName, string>>;
  stop(): Promise<void>;
}

/** Starts only the named parts in a data directory of their own. Nothing is left running when it throws. */
export async function startTestParts(dataDir: string, wanted: readonly TestPartName[]): Promise<TestParts> {
  const layout = openDataLayout(dataDir);
  const supervisor = await Supervisor.open(layout.root);
  const ports = openPortBook(layout.at('ports.json'));
  const starters = {
    postgres: async () => (await startPostgres(layout, supervisor, ports)).superuserUrl,
    kafka: async () => (await startKafka(layout, supervisor, ports)).brokers.join(','),
    chain: async () => (await startChain(layout, supervisor, ports)).rpcUrl,
  };
  const started = await Promise.allSettled(wanted.map(async (name) => [name, await starters[name]()] as const));
  const failure = started.find((result) => result.status === 'rejected');
  if (failure !== undefined) {
    await supervisor.close();
    throw failure.reason;
  }
  const addresses = Object.fromEntries(started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
  return { addresses, stop: () => supervisor.close() };
}
