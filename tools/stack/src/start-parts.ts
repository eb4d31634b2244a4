import { openDataLayout, type DataLayout } from './layout.js';
import { givenChain, startChain, type ChainPart } from './parts/chain.js';
import { givenKafka, startKafka, type KafkaPart } from './parts/kafka.js';
import { openPortBook, type PortBook } from './parts/ports.js';
import { givenPostgres, startPostgres, type PostgresPart } from './parts/postgres.js';
import { Supervisor, type MemoryUse } from './parts/supervisor.js';

/** Addresses of parts that run elsewhere; a part that is not given is started. */
export interface GivenParts {
  readonly postgresUrl?: string;
  readonly kafkaBrokers?: string;
  readonly chainRpcUrl?: string;
}

export interface StartPartsOptions {
  readonly dataDir: string;
  /** Told once for each part that is ready, with seconds. */
  readonly log?: (line: string) => void;
  /** Default: `COUNTERSIGN_POSTGRES_URL`, `COUNTERSIGN_KAFKA_BROKERS` and `COUNTERSIGN_CHAIN_RPC_URL`. */
  readonly given?: GivenParts;
}

/** The parts that the services stand on, with the means to stop what was started. */
export interface Parts {
  readonly postgres: PostgresPart;
  readonly kafka: KafkaPart;
  readonly chain: ChainPart;
  readonly layout: DataLayout;
  readonly ports: PortBook;
  readonly supervisor: Supervisor;
  memory(): readonly MemoryUse[];
  /** Stops what was started, newest first; a given part is left alone. */
  stop(): Promise<void>;
}

/** The given parts as the environment names them. */
export function partsFromEnvironment(env: NodeJS.ProcessEnv = process.env): GivenParts {
  return {
    postgresUrl: nonEmpty(env['COUNTERSIGN_POSTGRES_URL']),
    kafkaBrokers: nonEmpty(env['COUNTERSIGN_KAFKA_BROKERS']),
    chainRpcUrl: nonEmpty(env['COUNTERSIGN_CHAIN_RPC_URL']),
  };
}

/**
 * Starts PostgreSQL, Apache Kafka and the EVM node at the same time, or takes the given ones.
 * Nothing is left running when it throws.
 * @throws StackError when a part does not get ready, or another owner holds the data directory
 */
export async function startParts(options: StartPartsOptions): Promise<Parts> {
  const layout = openDataLayout(options.dataDir);
  const supervisor = await Supervisor.open(layout.root);
  const ports = openPortBook(layout.at('ports.json'));
  const given = options.given ?? partsFromEnvironment();
  const announce = announcer(options.log ?? (() => undefined));
  const settled = await Promise.allSettled([
    announce('PostgreSQL', given.postgresUrl, () => startPostgres(layout, supervisor, ports), givenPostgres),
    announce('Apache Kafka', given.kafkaBrokers, () => startKafka(layout, supervisor, ports), givenKafka),
    announce('single-node development chain', given.chainRpcUrl, () => startChain(layout, supervisor, ports), givenChain),
  ]);
  const failure = settled.find((result) => result.status === 'rejected');
  const [postgres, kafka, chain] = settled;
  if (postgres.status !== 'fulfilled' || kafka.status !== 'fulfilled' || chain.status !== 'fulfilled') {
    await supervisor.close();
    throw failure?.reason;
  }
  return {
    postgres: postgres.value,
    kafka: kafka.value,
    chain: chain.value,
    layout,
    ports,
    supervisor,
    memory: () => supervisor.memory(),
    stop: () => supervisor.close(),
  };
}

type Announce = <Part>(
  name: string,
  address: string | undefined,
  start: () => Promise<Part>,
  take: (address: string) => Promise<Part>,
) => Promise<Part>;

function announcer(log: (line: string) => void): Announce {
  return async (name, address, start, take) => {
    const begin = performance.now();
    const part = address === undefined ? await start() : await take(address);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    log(address === undefined ? `${name} started (${seconds} s)` : `${name}: the given one answers (${seconds} s)`);
    return part;
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
