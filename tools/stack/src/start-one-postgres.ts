import { openDataLayout } from './layout.js';
import { openPortBook } from './parts/ports.js';
import { startPostgres, type PostgresChange } from './parts/postgres.js';
import { Supervisor } from './parts/supervisor.js';

export interface OnePostgresOptions extends PostgresChange {
  /** Owned by one program at a time; what is in it is kept. */
  readonly dataDir: string;
}

/** A PostgreSQL that belongs to one tool. */
export interface OnePostgres {
  readonly superuserUrl: string;
  /** Of the server's first process. */
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that npm installed, beside the platform's own and with other settings.
 * @throws StackError when it does not get ready, or another program owns the data directory
 */
export async function startOnePostgres({ dataDir, ...change }: OnePostgresOptions): Promise<OnePostgres> {
  const layout = openDataLayout(dataDir);
  const supervisor = await Supervisor.open(layout.root);
  try {
    const { superuserUrl, pid } = await startPostgres(layout, supervisor, openPortBook(layout.at('ports.json')), change);
    return { superuserUrl, pid: pid ?? 0, stop: () => supervisor.close() };
  } catch (error) {
    await supervisor.close();
    throw error;
  }
}
