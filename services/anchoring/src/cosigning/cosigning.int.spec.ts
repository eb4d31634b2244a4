import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runMigrations, startHttpService, type RunningHttpService } from '@countersign/host';
import { cosignerKey, formatVerifierKey, openUnderPolicy, parsePolicy, rawPublicKey, signCheckpoint } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { anchoringV1 } from '@countersign/proto';
import { createTestDatabase, eventually, type TestDatabase } from '@countersign/testing';
import { freeAddress } from '../testing/free-address.js';
import { ServiceFixture } from '../testing/service-fixture.js';
import { formatAddCheckpoint } from '../witness/add-checkpoint-request.js';
import { witnessMigrations } from '../witness/witness-migrations.js';
import { WITNESS } from '../witness/witness-service.js';

const PATIENCE = { limitMs: 20_000 };

jest.setTimeout(40_000);

describe('an operator and a witness of another organisation, over sockets', () => {
  const key = generateKeyPairSync('ed25519').privateKey;
  const pinned = cosignerKey('witness.example/w1', rawPublicKey(key));
  let folder: string;
  let database: TestDatabase;
  let fixture: ServiceFixture;
  let environment: Record<string, string>;
  let witness: RunningHttpService | undefined;
  /** As an auditor pins it. */
  const policy = parsePolicy(`witness w ${formatVerifierKey(pinned)}\nquorum w\n`);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'witness-'));
    [database, fixture] = await Promise.all([createTestDatabase(), ServiceFixture.open()]);
    const { ownerUrl, appRole } = database;
    await runMigrations({ ownerUrl, appRole, eventLog: false, migrations: witnessMigrations({ appRole }) });
    const address = await freeAddress();
    const write = (name: string, content: string | Buffer): void => writeFileSync(join(folder, name), content);
    write('witness-key.pem', key.export({ format: 'pem', type: 'pkcs8' }));
    write('witness.vkey', formatVerifierKey(pinned));
    write('followed-logs.txt', fixture.samples.map(({ log }) => `${formatVerifierKey(log.noteKey)}\n`).join(''));
    write('policy.txt', `witness w ${formatVerifierKey(pinned)} http://${address}/\nquorum w\n`);
    environment = {
      COUNTERSIGN_DATABASE_URL: database.appUrl,
      COUNTERSIGN_HTTP_ADDRESS: address,
      COUNTERSIGN_KEYSTORE: folder,
    };
    // The witness is not there yet: the service starts, and anchors, all the same.
    await fixture.start({ COUNTERSIGN_WITNESS_POLICY: join(folder, 'policy.txt') });
  }, 60_000);
  afterAll(async () => {
    await fixture?.close();
    await witness?.stop();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  async function log(logNo: number): Promise<anchoringV1.Log> {
    const { logs } = await fixture.logs('auditor').listLogs({});
    const found = logs.find(({ logId }) => fixture.sample(logNo).log.logId.equals(logId));
    if (found === undefined) throw new Error('no such log');
    return found;
  }

  /** Waits until the served checkpoint of this size has what the policy asks for. */
  async function witnessed(logNo: number, size: number): Promise<void> {
    await eventually(async () => {
      const { checkpoint } = await log(logNo);
      const opened = openUnderPolicy(checkpoint, fixture.sample(logNo).log.noteKey, policy);
      expect(opened).toMatchObject({ size, isWitnessed: true });
    }, PATIENCE);
  }

  it('anchors without the witness, whose absence is lag', async () => {
    await fixture.publish(0, 0, 5);
    await eventually(async () => expect((await log(0)).anchored?.size).toBe(5n), PATIENCE);
    const metrics = await (await fetch(`http://${fixture.environment['COUNTERSIGN_HTTP_ADDRESS']}/metrics`)).text();
    expect(metrics).toMatch(/countersign_witness_lag_events\{log="countersign\.example\/identity",witness="w".*\} 5/);
  });

  it('has every head cosigned as soon as the witness is there', async () => {
    witness = await startHttpService(WITNESS, environment, silentLogger);
    await witnessed(0, 5);
    await fixture.publish(1, 0, 700);
    await fixture.publish(0, 5, 9);
    await Promise.all([witnessed(0, 9), witnessed(1, 700)]);
  });

  it('serves proofs under a note that an auditor can hold against his policy', async () => {
    const sample = fixture.sample(1).log;
    const proven = await fixture.proofs('auditor').getInclusionProofs({ logId: sample.logId, indexes: [3n] });
    const opened = openUnderPolicy(proven.checkpoint, sample.noteKey, policy);
    expect(opened.isWitnessed).toBe(true);
    expect(proven.anchored?.size).toBe(BigInt(opened.size));
  });

  it('goes on after either of them was restarted', async () => {
    await witness?.stop();
    await fixture.publish(0, 9, 20);
    await eventually(async () => expect((await log(0)).anchored?.size).toBe(20n), PATIENCE);
    await fixture.stop();
    witness = await startHttpService(WITNESS, environment, silentLogger);
    await fixture.start({ COUNTERSIGN_WITNESS_POLICY: join(folder, 'policy.txt') });
    await witnessed(0, 20);
  }, 60_000);

  it('has no fork cosigned by whoever holds the log’s key', async () => {
    const { log: known, keys } = fixture.sample(0);
    const forged = signCheckpoint({ origin: known.origin, size: 20, root: Buffer.alloc(32, 1) }, keys.logKey);
    const response = await fetch(`http://${witness?.address}/add-checkpoint`, {
      method: 'POST',
      body: formatAddCheckpoint(20, [], forged),
    });
    expect(response.status).toBe(409);
    const forks = (await (await fetch(`http://${witness?.address}/forks`)).json()) as unknown[];
    expect(forks).toHaveLength(1);
  });

  it('does not start with a policy that is none', async () => {
    writeFileSync(join(folder, 'wrong.txt'), 'quorum w\n');
    await fixture.stop();
    const start = fixture.start({ COUNTERSIGN_WITNESS_POLICY: join(folder, 'wrong.txt') });
    await expect(start).rejects.toMatchObject({ name: 'ConfigurationError' });
  });
});
