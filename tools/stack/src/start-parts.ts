import { partsFromEnvironment, type GivenParts } from './given-parts.js';
import { openDataLayout, type DataLayout } from './layout.js';
import { DEVELOPMENT_CHAIN, givenChain, startChain, type ChainPart } from './parts/chain.js';
import { givenKafka, startKafka, type KafkaPart } from './parts/kafka.js';
import { openPortBook, type PortBook } from './parts/ports.js';
import { givenPostgres, startPostgres, type PostgresPart } from './parts/postgres.js';
import { Supervisor, type MemoryUse, type NamedProcess } from './parts/supervisor.js';

export interface StartPartsOptions {
  readonly dataDir: string;
  /** Told once for each part that is ready, with seconds. */
  readonly log?: (line: string) => void;
  /** Default: `COUNTERSIGN_POSTGRES_URL`, `COUNTERSIGN_KAFKA_BROKERS` and `COUNTERSIGN_CHAIN_RPC_URL`. */
  readonly given?: GivenParts;
  /** Ends the start early: whatever was started is stopped, and the start throws. */
  readonly signal?: AbortSignal;
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
  processes(): readonly NamedProcess[];
  /** Stops what was started, newest first; a given part is left alone. */
  stop(): Promise<void>;
}

/**
 * Takes the given parts, then starts the others at the same time.
 * Nothing is left running when it throws.
 * @throws StackError when a part does not answer or get ready, or another owner holds the data directory
 */
export async function startParts(options: StartPartsOptions): Promise<Parts> {
  const layout = openDataLayout(options.dataDir);
  const supervisor = await Supervisor.open(layout.root);
  const ports = openPortBook(layout.at('ports.json'));
  const timed = timer(options.log ?? (() => undefined));
  const stop = (): Promise<void> => supervisor.close();
  options.signal?.addEventListener('abort', () => void stop());
  try {
    options.signal?.throwIfAborted();
    // First of all the given ones: a wrong address is told before anything is started.
    const taken = await takeGiven(options.given ?? partsFromEnvironment(), timed);
    const [postgres, kafka, chain] = await allOrStop(stop, [
      taken.postgres ?? timed('PostgreSQL started', startPostgres(layout, supervisor, ports)),
      taken.kafka ?? timed('Apache Kafka started', startKafka(layout, supervisor, ports)),
      taken.chain ?? timed(`${DEVELOPMENT_CHAIN} started`, startChain(layout, supervisor, ports)),
    ]);
    return {
      postgres,
      kafka,
      chain,
      layout,
      ports,
      supervisor,
      memory: () => supervisor.memory(),
      processes: () => supervisor.processes(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function takeGiven(
  { postgresUrl, kafkaBrokers, chainRpcUrl }: GivenParts,
  timed: Timed,
): Promise<{ readonly postgres?: PostgresPart; readonly kafka?: KafkaPart; readonly chain?: ChainPart }> {
  const take = <Part>(
    name: string,
    address: string | undefined,
    given: (address: string) => Promise<Part>,
  ): Promise<Part | undefined> =>
    address === undefined ? Promise.resolve(undefined) : timed(`${name}: the given one answers`, given(address));
  const [postgres, kafka, chain] = await Promise.all([
    take('PostgreSQL', postgresUrl, givenPostgres),
    take('Apache Kafka', kafkaBrokers, givenKafka),
    take('chain', chainRpcUrl, givenChain),
  ]);
  return { postgres, kafka, chain };
}

/** Waits for all of them; the first failure stops what was started, so that the others end soon. */
async function allOrStop<Started extends readonly unknown[]>(
  stop: () => Promise<void>,
  starting: Started,
): Promise<{ -readonly [Index in keyof Started]: Awaited<Started[Index]> }> {
  try {
    return await Promise.all(starting);
  } catch (error) {
    await stop();
    await Promise.allSettled(starting);
    throw error;
  }
}

type Timed = <Part>(what: string, work: Promise<Part>) => Promise<Part>;

function timer(log: (line: string) => void): Timed {
  return async (what, work) => {
    const begin = performance.now();
    const part = await work;
    log(`${what} (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
    return part;
  };
}
