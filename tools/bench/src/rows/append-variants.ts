import { findPgbench, HOW_TO_INSTALL_PGBENCH, pgbench } from '../programs/pgbench.js';
import type { BenchContext, BenchPostgres, PrepareDatabase, VariantUse } from '../row.js';
import type { VariantOptions } from '../variant.js';
import { prepareEmmett } from '../variants/emmett.js';
import { preparePlainTables } from '../workload/plain-tables.js';
import { sealedFile } from '../workload/sealed-file.js';

type Server = (context: BenchContext) => Promise<BenchPostgres>;
const usual: Server = (context) => context.postgres();
export const slow: Server = (context) => context.slowPostgres();

/** Connections that served the peers best of 10 (their default), 32 and 64, at 32 and at 256 callers. */
const EMMETT_POOL = 32;
const TYPEORM_POOL = 32;

interface AppendUse {
  readonly as?: string;
  readonly server?: Server;
  readonly parameters?: Parameters;
  /** Sealed commands at hand; as many as the fastest row needs by default. */
  readonly commands?: number;
}

type Parameters = VariantOptions['parameters'];

export function append(
  concurrency: number,
  { as = 'append', server = usual, parameters = {}, commands }: AppendUse = {},
): VariantUse {
  const reset = async (context: BenchContext): Promise<Partial<VariantOptions>> => ({
    parameters: { ...parameters, ...(await sealedFile(context, Number(parameters['eventsPerCommand'] ?? 1), commands)) },
    ...(await fresh(context, server, 'log')),
  });
  return { as, node: parameters['replicas'] === undefined ? 'append' : 'append-replicas', concurrency, reset };
}

export function emmett(
  concurrency: number,
  { node = 'emmett', server = usual, parameters = {} }: Omit<AppendUse, 'as' | 'commands'> & { readonly node?: string } = {},
): VariantUse {
  const reset = async (context: BenchContext): Promise<Partial<VariantOptions>> => {
    const peers = await context.installPeers('emmett');
    const place = await fresh(context, server, 'emmett', (database) => prepareEmmett(peers, database));
    return { parameters: { ...parameters, peers, poolSize: EMMETT_POOL }, ...place };
  };
  return { as: 'emmett', node, concurrency, reset };
}

/** The journal, whole commands. */
export function command(concurrency: number, parameters: Parameters = {}): VariantUse {
  const reset = async (context: BenchContext): Promise<Partial<VariantOptions>> => ({
    parameters,
    ...(await fresh(context, usual, 'log')),
  });
  return { as: 'command', node: 'command', concurrency, reset };
}

export function typeorm(concurrency: number): VariantUse {
  const reset = async (context: BenchContext): Promise<Partial<VariantOptions>> => {
    const peers = await context.installPeers('typeorm');
    return {
      parameters: { peers, poolSize: TYPEORM_POOL },
      ...(await fresh(context, usual, 'typeorm', preparePlainTables('jsonb'))),
    };
  };
  return { as: 'TypeORM', node: 'typeorm', concurrency, reset };
}

export function oneStatement(concurrency: number): VariantUse {
  const reset = (context: BenchContext): Promise<Partial<VariantOptions>> =>
    fresh(context, usual, 'plain', preparePlainTables('bytea'));
  return { as: 'one statement', node: 'one-statement', concurrency, reset };
}

export function pgbenchUse(as: string, form: 'one event' | 'hundred events', concurrency: number): VariantUse {
  const reset = (context: BenchContext): Promise<Partial<VariantOptions>> =>
    fresh(context, usual, 'plain', preparePlainTables('bytea'));
  const notRun = (): string | undefined => (findPgbench() === undefined ? HOW_TO_INSTALL_PGBENCH : undefined);
  return { as, concurrency, reset, program: pgbench(form), notRun };
}

async function fresh(
  context: BenchContext,
  server: Server,
  kind: string,
  prepare?: PrepareDatabase,
): Promise<Pick<VariantOptions, 'database' | 'postgresPid'>> {
  const postgres = await server(context);
  return { database: await context.freshDatabase(kind, prepare, postgres), postgresPid: postgres.pid };
}
