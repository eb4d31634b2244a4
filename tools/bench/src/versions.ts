import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { findPgbench } from './programs/pgbench.js';

/** Of everything that is measured: the server, the programs, and the peers as their own trees pin them. */
export async function versionsOf(root: string, superuserUrl: string): Promise<Readonly<Record<string, string>>> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  const pgbench = findPgbench();
  return {
    Node: process.version.slice(1),
    PostgreSQL: rows[0]?.server_version ?? 'unknown',
    ...(pgbench !== undefined && { pgbench: versionIn(spawnSync(pgbench, ['--version'], { encoding: 'utf8' }).stdout) }),
    ...peerVersions(join(root, 'tools', 'bench', 'peers')),
  };
}

function peerVersions(folder: string): Record<string, string> {
  const trees = readdirSync(folder).map((name) => {
    const text = readFileSync(join(folder, name, 'package.json'), 'utf8');
    return (JSON.parse(text) as { readonly dependencies?: Record<string, string> }).dependencies ?? {};
  });
  return Object.assign({}, ...trees) as Record<string, string>;
}

function versionIn(text: string): string {
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? 'unknown';
}
