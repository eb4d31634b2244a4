import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { REPOSITORY_ROOT } from '../layout.js';
import { commandLineOf, markOf, stillRuns, type ProcessMark } from './os-process.js';

interface Owner {
  readonly child: ChildProcess;
  readonly addresses: Readonly<Record<string, string>>;
}

interface RunningFile {
  readonly owner: ProcessMark;
  readonly children: readonly (ProcessMark & { readonly name: string })[];
}

const LIMIT_MS = 60_000;

let dataDir: string;
let owners: ChildProcess[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'countersign-supervisor-'));
  owners = [];
});

afterEach(async () => {
  for (const owner of owners) if (owner.exitCode === null && owner.signalCode === null) await end(owner, 'SIGTERM');
  rmSync(dataDir, { recursive: true, force: true });
});

function launch(...parts: string[]): ChildProcess {
  const script = join(REPOSITORY_ROOT, 'scripts', 'test-parts', 'run-parts.mjs');
  const child = spawn(process.execPath, [script, dataDir, ...parts], { stdio: ['ignore', 'pipe', 'pipe'] });
  owners.push(child);
  return child;
}

/** Starts parts in a process of their own and waits for their addresses. */
async function startOwner(...parts: string[]): Promise<Owner> {
  const child = launch(...parts);
  const addresses: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line === 'ready') return { child, addresses };
    const [, name, address] = /^export (\w+)='(.*)'$/.exec(line) ?? [];
    if (name !== undefined && address !== undefined) addresses[name] = address;
  }
  throw new Error('the owner ended before its parts were ready');
}

function running(): RunningFile {
  return JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as RunningFile;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

async function untilGone(marks: readonly ProcessMark[]): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (marks.some(stillRuns)) {
    if (Date.now() > deadline)
      throw new Error(
        `still running: ${marks
          .filter(stillRuns)
          .map(({ pid }) => commandLineOf(pid))
          .join('; ')}`,
      );
    await new Promise((settle) => setTimeout(settle, 50));
  }
}

async function query<Row extends pg.QueryResultRow>(url: string | undefined, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Ids of the shells that wait for this owner's death. */
function guardiansOf(owner: ChildProcess): number[] {
  const children = readFileSync(`/proc/${owner.pid}/task/${owner.pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.filter((pid) => commandLineOf(pid).startsWith('sh -c'));
}

describe('parts under a supervisor', () => {
  it(
    'stop in order on SIGTERM, keep data and addresses for the next start',
    async () => {
      const first = await startOwner('postgres', 'chain');
      await query(first.addresses['COUNTERSIGN_TEST_POSTGRES_URL'], 'create table kept as select 42 as answer');
      const { children } = running();
      expect(children.map(({ name }) => name).toSorted()).toEqual(['PostgreSQL', 'single-node development chain']);
      await end(first.child, 'SIGTERM');
      expect(children.filter(stillRuns)).toEqual([]);
      expect(existsSync(join(dataDir, 'running.json'))).toBe(false);

      const second = await startOwner('postgres', 'chain');
      expect(second.addresses).toEqual(first.addresses);
      expect(await query(second.addresses['COUNTERSIGN_TEST_POSTGRES_URL'], 'select answer from kept')).toEqual([{ answer: 42 }]);
    },
    LIMIT_MS,
  );

  it(
    'do not outlive an owner that is killed',
    async () => {
      const { child } = await startOwner('postgres', 'chain');
      const { children } = running();
      await end(child, 'SIGKILL');
      await untilGone(children);
    },
    LIMIT_MS,
  );

  it(
    'that did outlive owner and guardian are stopped by the next start',
    async () => {
      const { child, addresses } = await startOwner('postgres', 'chain');
      const { children } = running();
      for (const pid of guardiansOf(child)) process.kill(pid, 'SIGKILL');
      await end(child, 'SIGKILL');
      expect(children.every(stillRuns)).toBe(true);

      const next = await startOwner('postgres', 'chain');
      expect(children.filter(stillRuns)).toEqual([]);
      expect(next.addresses).toEqual(addresses);
      expect(await query(next.addresses['COUNTERSIGN_TEST_POSTGRES_URL'], 'select 1 as one')).toEqual([{ one: 1 }]);
    },
    LIMIT_MS,
  );

  it(
    'of one data directory have one owner: a second one is refused with exit code 2',
    async () => {
      const { child } = await startOwner('chain');
      const second = launch('chain');
      const [code] = (await once(second, 'exit')) as [number];
      expect(code).toBe(2);
      expect(running().owner.pid).toBe(child.pid);
      expect(running().children.every(stillRuns)).toBe(true);
    },
    LIMIT_MS,
  );

  it(
    'have one owner also when two start in the same moment',
    async () => {
      const both = [launch('chain'), launch('chain')];
      const refused = await Promise.race(both.map(async (child) => ({ child, code: (await once(child, 'exit'))[0] as number })));
      expect(refused.code).toBe(2);
      const kept = both.find((child) => child !== refused.child)!;
      expect(running().owner.pid).toBe(kept.pid);
    },
    LIMIT_MS,
  );

  it(
    'are cleared by reset, but never under a running owner',
    async () => {
      const reset = async (): Promise<number | null> => {
        const hooks = join(REPOSITORY_ROOT, 'scripts', 'typescript-hooks.mjs');
        const script = join(REPOSITORY_ROOT, 'tools', 'stack', 'src', 'reset.ts');
        const child = spawn(process.execPath, ['--import', hooks, script, dataDir], { stdio: 'ignore' });
        const [code] = (await once(child, 'exit')) as [number | null];
        return code;
      };
      const { child } = await startOwner('chain');
      expect(await reset()).toBe(2);
      expect(running().children.every(stillRuns)).toBe(true);
      await end(child, 'SIGTERM');
      expect(await reset()).toBe(0);
      expect(existsSync(dataDir)).toBe(false);
    },
    LIMIT_MS,
  );

  it(
    'take another port when theirs was taken meanwhile',
    async () => {
      const first = await startOwner('chain');
      await end(first.child, 'SIGTERM');
      const address = new URL(first.addresses['COUNTERSIGN_TEST_CHAIN_RPC_URL']!);
      const squatter: Server = createServer().listen(Number(address.port), '127.0.0.1');
      await once(squatter, 'listening');
      try {
        const second = await startOwner('chain');
        expect(second.addresses['COUNTERSIGN_TEST_CHAIN_RPC_URL']).not.toBe(address.origin);
      } finally {
        squatter.close();
      }
    },
    LIMIT_MS,
  );

  it(
    'start again when a kill left half a chain state: with the state of the last start',
    async () => {
      const blockOf = async ({ addresses }: Owner): Promise<unknown> => {
        const url = addresses['COUNTERSIGN_TEST_CHAIN_RPC_URL']!;
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] });
        const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        return ((await reply.json()) as { result: unknown }).result;
      };
      const mine = async ({ addresses }: Owner): Promise<void> => {
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'anvil_mine', params: ['0x5'] });
        const url = addresses['COUNTERSIGN_TEST_CHAIN_RPC_URL']!;
        await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      };
      const first = await startOwner('chain');
      await mine(first);
      await end(first.child, 'SIGTERM');
      const second = await startOwner('chain');
      await mine(second);
      expect(await blockOf(second)).toBe('0xa');
      await end(second.child, 'SIGTERM');
      const stateFile = join(dataDir, 'chain', 'state.json');
      truncateSync(stateFile, Math.floor(statSync(stateFile).size / 2));
      expect(await blockOf(await startOwner('chain'))).toBe('0x5');
    },
    LIMIT_MS,
  );

  it(
    'run below a directory that only their owner may enter, and never as root',
    async () => {
      const closed = mkdtempSync(join(tmpdir(), 'countersign-closed-'));
      chmodSync(closed, 0o700);
      const outer = dataDir;
      dataDir = join(closed, 'platform');
      try {
        const { child, addresses } = await startOwner('postgres');
        expect(await query(addresses['COUNTERSIGN_TEST_POSTGRES_URL'], 'select 1 as one')).toEqual([{ one: 1 }]);
        const server = running().children[0]!;
        expect(markOf(server.pid)).toBeDefined();
        expect(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]).not.toBe('0');
        await end(child, 'SIGTERM');
      } finally {
        rmSync(closed, { recursive: true, force: true });
        dataDir = outer;
      }
    },
    LIMIT_MS,
  );
});
