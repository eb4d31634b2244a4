import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogDataSource } from '@countersign/event-log';
import { startHttpService, type RunningHttpService } from '@countersign/host';
import { cosignerKey, formatVerifierKey, openCheckpoint, parseForkProof, proveFork, rawPublicKey } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import type { DataSource } from 'typeorm';
import { queryThrough } from '../storage/query.js';
import { freeAddress } from '../testing/free-address.js';
import { SignedTree } from '../testing/signed-tree.js';
import { WITNESS_LIMITS } from './config.js';
import { PostgresWitnessStore } from './postgres-witness-store.js';
import { witnessMigrations } from './witness-migrations.js';
import { WITNESS } from './witness-service.js';
import { witnessStoreContract } from './witness-store-contract.js';

let database: TestDatabase;
let owner: DataSource;
let source: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  const migrations = witnessMigrations({ appRole: database.appRole });
  owner = await createLogDataSource({ url: database.ownerUrl, applicationName: 'test', migrations }).initialize();
  source = await createLogDataSource({ url: database.appUrl, applicationName: 'test' }).initialize();
}, 30_000);
afterAll(async () => {
  await source?.destroy();
  await owner?.destroy();
  await database?.drop();
});

async function superuser(statement: string): Promise<void> {
  const client = await createLogDataSource({ url: database.superuserUrl, applicationName: 'test' }).initialize();
  await client.query(statement);
  await client.destroy();
}

/** Begins anew: nothing in these tables can be deleted. */
async function migrated(): Promise<PostgresWitnessStore> {
  await owner.query('DROP SCHEMA IF EXISTS witness CASCADE');
  await owner.query('DROP TABLE IF EXISTS schema_migration');
  await owner.runMigrations();
  return new PostgresWitnessStore(queryThrough(source));
}

witnessStoreContract('PostgreSQL', migrated);

describe("a witness's database", () => {
  it.each(['log', 'checkpoint', 'fork'])('lets the witness read %s, and nobody take anything back', async (table) => {
    const store = await migrated();
    const tree = new SignedTree();
    const head = { size: 5, root: tree.root(5), note: tree.note(5) };
    await store.advance(tree.origin, { size: 0, root: tree.root(0) }, head);
    await store.keepFork(tree.origin, { first: 'a', second: 'b', proof: [] });
    await expect(source.query(`SELECT * FROM witness.${table}`)).resolves.toHaveLength(1);
    for (const change of [
      `INSERT INTO witness.${table} DEFAULT VALUES`,
      `UPDATE witness.${table} SET origin = origin`,
      `DELETE FROM witness.${table}`,
      `TRUNCATE witness.${table} CASCADE`,
    ]) {
      await expect(source.query(change)).rejects.toMatchObject({ code: '42501' });
      if (!change.startsWith('INSERT')) await expect(owner.query(change)).rejects.toMatchObject({ code: '42501' });
    }
    await expect(owner.query('UPDATE witness.log SET size = size - 1')).rejects.toMatchObject({ code: '42501' });
  });
});

describe('the doors of a witness, over HTTP', () => {
  const log = new SignedTree();
  const rotated = new SignedTree(log.origin);
  const key = generateKeyPairSync('ed25519').privateKey;
  const pinned = cosignerKey('witness.example/w1', rawPublicKey(key));
  let keystore: string;
  let environment: Record<string, string>;
  let witness: RunningHttpService;

  beforeAll(async () => {
    await migrated();
    keystore = mkdtempSync(join(tmpdir(), 'witness-keys-'));
    const write = (name: string, content: string | Buffer): void => writeFileSync(join(keystore, name), content);
    write('witness-key.pem', key.export({ format: 'pem', type: 'pkcs8' }));
    write('witness.vkey', `${formatVerifierKey(pinned)}\n`);
    write('followed-logs.txt', `# theirs\n${log.verifierKey}\n\n  ${rotated.verifierKey}\n`);
    environment = {
      COUNTERSIGN_DATABASE_URL: database.appUrl,
      COUNTERSIGN_HTTP_ADDRESS: await freeAddress(),
      COUNTERSIGN_KEYSTORE: keystore,
    };
    witness = await startHttpService(WITNESS, environment, silentLogger);
  }, 30_000);
  afterAll(async () => {
    await witness?.stop();
    rmSync(keystore, { recursive: true, force: true });
  });

  async function post(body: Buffer | string, type?: string): Promise<{ status: number; type: string | null; text: string }> {
    const response = await fetch(`http://${witness.address}/add-checkpoint`, {
      method: 'POST',
      body: new Uint8Array(Buffer.from(body)),
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  }

  it('answers with the status codes of tlog-witness', async () => {
    const cosigned = await post(log.request(0, 9));
    expect(cosigned).toMatchObject({ status: 200, text: expect.stringMatching(/^— witness\.example\/w1 \S+\n$/) });
    expect(openCheckpoint(log.note(9) + cosigned.text, log.noteKey, [pinned]).signatures[1]?.verified).toBe(true);
    expect(await post(log.request(0, 12))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '9\n' });
    expect((await post(new SignedTree('elsewhere.example/log').request(0, 3))).status).toBe(404);
    expect((await post(new SignedTree(log.origin).request(9, 12))).status).toBe(403);
    expect((await post('old 9\n')).status).toBe(400);
    expect((await post('')).status).toBe(400);
    expect((await post(log.fork(3).request(9, 20))).status).toBe(422);
    expect(await post(log.fork(3).request(9, 9))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '9\n' });
    expect((await post(Buffer.alloc(WITNESS_LIMITS.bodyBytesMax + 1))).status).toBe(413);
    expect((await post(log.request(9, 12))).status).toBe(200);
  });

  it('reads the body, whatever it is called', async () => {
    for (const type of ['text/plain', 'application/octet-stream', 'application/json', 'application/x-www-form-urlencoded']) {
      expect((await post(log.request(12, 12), type)).status).toBe(200);
    }
    const response = await fetch(`http://${witness.address}/add-checkpoint`);
    expect(response.status).toBe(404);
  });

  it('shows the forks it holds, each as a file that proves it', async () => {
    const response = await fetch(`http://${witness.address}/forks?origin=${encodeURIComponent(log.origin)}`);
    const forks = (await response.json()) as { origin: string; detectedAt: string; forkProof: string }[];
    const kinds = forks.map(({ forkProof }) => proveFork(parseForkProof(forkProof), [log.noteKey]).kind);
    expect(kinds).toEqual(['inconsistent', 'same-size']);
    expect(await (await fetch(`http://${witness.address}/forks?origin=none`)).json()).toEqual([]);
  });

  it('goes on from what is durable after a restart, in a second process too', async () => {
    await witness.stop();
    witness = await startHttpService(WITNESS, environment, silentLogger);
    expect(await post(log.request(0, 20))).toMatchObject({ status: 409, text: '12\n' });
    expect((await post(log.request(12, 20))).status).toBe(200);
    expect((await fetch(`http://${witness.address}/health/ready`)).status).toBe(200);
  });

  it('says 503 while its database is away, and cosigns nothing', async () => {
    await owner.query('ALTER SCHEMA witness RENAME TO away');
    expect((await post(log.request(20, 21))).status).toBe(503);
    await owner.query('ALTER SCHEMA away RENAME TO witness');
    expect((await post(log.request(20, 21))).status).toBe(200);
  });

  it('does not start on a database that may forget', async () => {
    const role = `ALTER ROLE ${database.appRole} IN DATABASE ${database.name}`;
    await superuser(`${role} SET synchronous_commit = off`);
    const settings = { ...environment, COUNTERSIGN_HTTP_ADDRESS: await freeAddress() };
    await expect(startHttpService(WITNESS, settings, silentLogger)).rejects.toMatchObject({ code: 'STORAGE_UNSAFE' });
    await superuser(`${role} RESET synchronous_commit`);
  });

  it.each([
    ['witness.vkey', `${formatVerifierKey(cosignerKey('witness.example/w1', log.noteKey.raw))}\n`],
    ['witness.vkey', log.verifierKey],
    ['followed-logs.txt', '# none\n'],
    ['followed-logs.txt', `${log.verifierKey}\n${log.verifierKey}\n`],
    ['followed-logs.txt', `${formatVerifierKey(pinned)}\n`],
  ])('does not start with a wrong %s', async (name, content) => {
    const broken = mkdtempSync(join(tmpdir(), 'witness-keys-'));
    try {
      for (const [file, text] of Object.entries({
        'witness-key.pem': key.export({ format: 'pem', type: 'pkcs8' }),
        'witness.vkey': formatVerifierKey(pinned),
        'followed-logs.txt': log.verifierKey,
        [name]: content,
      })) {
        writeFileSync(join(broken, file), text);
      }
      const settings = { ...environment, COUNTERSIGN_KEYSTORE: broken, COUNTERSIGN_HTTP_ADDRESS: await freeAddress() };
      await expect(startHttpService(WITNESS, settings, silentLogger)).rejects.toMatchObject({ name: 'KeystoreError' });
    } finally {
      rmSync(broken, { recursive: true, force: true });
    }
  });
});
