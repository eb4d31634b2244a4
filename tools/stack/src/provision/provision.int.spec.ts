import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { meetsQuorum, parseCosignerKey, parsePolicy, parseVerifierKey, rawPublicKey } from '@countersign/merkle';
import { ItemKeys, logIdOf, parseRegistration } from '@countersign/record';
import { testAddresses, uniqueTopicPrefix } from '@countersign/testing';
import pg from 'pg';
import { openDataLayout, type DataLayout } from '../layout.js';
import { SERVICES, type Namespace } from '../names.js';
import { DEVELOPMENT_CHAIN } from '../parts/chain.js';
import { StackError } from '../stack-error.js';
import { provisionContract } from './contract.js';
import { provisionCosigners, witnessPolicy } from './cosigners.js';
import { dropDatabases, provisionDatabases, type ServiceDatabases } from './databases.js';
import { installationOf } from './installation.js';
import { provisionKeystores, type Keystores } from './keystores.js';
import { writePublicFiles } from './public-files.js';
import { claimTopics, deleteTopics, ownsTopics, provisionTopics } from './topics.js';

let folder: string;
let layout: DataLayout;
let namespace: Namespace;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-provision-'));
  layout = openDataLayout(join(folder, 'platform'));
  namespace = { database: `p${randomBytes(4).toString('hex')}`, topic: uniqueTopicPrefix() };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

function everyFile(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('databases', () => {
  const server = () => ({ superuserUrl: testAddresses.postgresUrl, own: false });
  let databases: ServiceDatabases;

  beforeAll(async () => {
    databases = await provisionDatabases(layout, server(), namespace);
  });

  afterAll(async () => {
    const installation = readFileSync(join(layout.root, 'installation-id'), 'utf8');
    expect(await dropDatabases(testAddresses.postgresUrl, namespace, installation)).toHaveLength(6);
  });

  it('stand one to a service, keys apart, and stay the same when provisioned again', async () => {
    expect(Object.keys(databases).toSorted()).toEqual([
      'anchoring',
      'identity',
      'identity-keys',
      'inventory',
      'procurement',
      'witness',
    ]);
    expect(await provisionDatabases(layout, server(), namespace)).toEqual(databases);
  });

  it('let the app role in, but not create or own anything', async () => {
    const { appUrl, appRole } = databases.inventory;
    expect(await ask(appUrl, 'select current_user as role')).toEqual([{ role: appRole }]);
    await expect(ask(appUrl, 'create table t (id int)')).rejects.toMatchObject({ code: '42501' });
    await expect(ask(appUrl, 'create schema s')).rejects.toMatchObject({ code: '42501' });
  });

  it("keep one service out of another's database", async () => {
    const foreign = new URL(databases.inventory.appUrl);
    foreign.pathname = new URL(databases.procurement.appUrl).pathname;
    await expect(ask(foreign.href, 'select 1')).rejects.toMatchObject({ code: '42501' });
  });

  it('are not begun anew on a server that does not hold them', async () => {
    const moved = openDataLayout(join(folder, 'moved'));
    const own = { ...namespace, database: `${namespace.database}moved` };
    await provisionDatabases(moved, server(), own);
    expect(await dropDatabases(testAddresses.postgresUrl, own, installationOf(moved))).toHaveLength(6);
    await expect(provisionDatabases(moved, server(), own)).rejects.toBeInstanceOf(StackError);
  });

  it('of cosigners are made for a platform that is older than they are, and not begun anew after that', async () => {
    const older = openDataLayout(join(folder, 'older'));
    const own = { ...namespace, database: `${namespace.database}older` };
    await provisionDatabases(older, server(), own);
    const dropWitness = async (): Promise<void> => {
      await ask(testAddresses.postgresUrl, `drop database ${own.database}_witness with (force)`);
    };
    await dropWitness();
    await expect(provisionDatabases(older, server(), own)).rejects.toBeInstanceOf(StackError);
    rmSync(older.at('cosigner-databases-made'));
    await provisionDatabases(older, server(), own);
    expect(await dropDatabases(testAddresses.postgresUrl, own, installationOf(older))).toHaveLength(6);
  });

  it('that another installation made are refused', async () => {
    const other = openDataLayout(join(folder, 'other'));
    await expect(provisionDatabases(other, server(), namespace)).rejects.toBeInstanceOf(StackError);
  });

  it('are dropped by the installation that made them only', async () => {
    expect(await dropDatabases(testAddresses.postgresUrl, namespace, 'another one')).toEqual([]);
    expect(await ask(databases.inventory.appUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('keystores', () => {
  let keystores: Keystores;

  beforeAll(() => {
    keystores = provisionKeystores(layout);
  });

  it('are made once and found again, byte for byte', () => {
    const before = everyFile(layout.keys).map((file) => [file, readFileSync(file, 'hex')]);
    expect(provisionKeystores(layout)).toEqual(keystores);
    expect(everyFile(layout.keys).map((file) => [file, readFileSync(file, 'hex')])).toEqual(before);
  });

  it('are readable by their owner only', () => {
    expect(statSync(layout.keys).mode & 0o077).toBe(0);
    expect(everyFile(layout.keys).filter((file) => (statSync(file).mode & 0o077) !== 0)).toEqual([]);
  });

  it('register each log under keys that only anchoring has, and item keys that only the service has', () => {
    expect(keystores.logs.map(({ origin }) => origin)).toEqual([
      'countersign.example/identity',
      'countersign.example/inventory',
      'countersign.example/procurement',
    ]);
    for (const [index, log] of keystores.logs.entries()) {
      const registration = parseRegistration(log.registration);
      const directory = keystores.directories[log.service];
      const anchoring = join(keystores.directories.anchoring, 'logs', String(index));
      const logKey = createPrivateKey(readFileSync(join(anchoring, 'log-key.pem')));
      expect(Buffer.from(registration.logKey)).toEqual(Buffer.from(rawPublicKey(createPublicKey(logKey))));
      expect(parseVerifierKey(log.verifierKey).name).toBe(log.origin);
      expect(new ItemKeys(readFileSync(join(directory, 'item-master.key'))).commitment()).toEqual(registration.itemCommitment);
      expect(logIdOf(readFileSync(join(directory, 'registration.json')))).toEqual(log.logId);
      const leavesKey = createPublicKey(createPrivateKey(readFileSync(join(directory, 'leaves-key.pem'))));
      expect(leavesKey.equals(createPublicKey(readFileSync(join(anchoring, 'source-public.pem'))))).toBe(true);
    }
  });

  it('tell identity the public keys of every service principal and of the first administrator', () => {
    const bootstrap = JSON.parse(readFileSync(join(keystores.directories.identity, 'bootstrap.json'), 'utf8')) as {
      services: { principalId: string; service: (typeof SERVICES)[number]; publicKey: string }[];
    };
    expect(bootstrap.services.map(({ principalId }) => principalId)).toEqual(SERVICES.map((service) => `service-${service}`));
    for (const { service, publicKey } of bootstrap.services) {
      const own = createPublicKey(createPrivateKey(readFileSync(join(keystores.directories[service], 'principal-key.pem'))));
      expect(createPublicKey(publicKey).equals(own)).toBe(true);
    }
    const administrator = createPublicKey(createPrivateKey(readFileSync(keystores.administrator.privateKeyFile)));
    expect(createPublicKey(readFileSync(join(keystores.directories.identity, 'admin-public.pem'))).equals(administrator)).toBe(
      true,
    );
  });

  it('of cosigners hold a key of their own and follow every log and heads log', () => {
    const cosigners = provisionCosigners(layout, keystores.logs);
    expect(provisionCosigners(layout, keystores.logs)).toEqual(cosigners);
    expect(cosigners.map(({ name, organisation }) => [name, organisation])).toEqual([['witness', 'auditor-nld']]);
    for (const { directory, verifierKey } of cosigners) {
      const followed = readFileSync(join(directory, 'followed-logs.txt'), 'utf8').trim().split('\n').map(parseVerifierKey);
      expect(followed.map(({ name }) => name)).toEqual(keystores.logs.flatMap(({ origin }) => [origin, `${origin}/heads`]));
      const key = createPublicKey(createPrivateKey(readFileSync(join(directory, 'witness-key.pem'))));
      expect(parseCosignerKey(verifierKey).raw).toEqual(rawPublicKey(key));
    }
    expect(everyFile(layout.keys).filter((file) => (statSync(file).mode & 0o077) !== 0)).toEqual([]);
  });

  it('make a policy that every cosigner has to meet, with addresses for the operator only', () => {
    const cosigners = provisionCosigners(layout, keystores.logs);
    const [auditors, operators] = [
      witnessPolicy(keystores.logs, cosigners),
      witnessPolicy(keystores.logs, cosigners, { witness: '127.0.0.1:1' }),
    ].map(parsePolicy);
    expect(auditors!.witnesses.map(({ name, url }) => [name, url])).toEqual([['witness', undefined]]);
    expect(operators!.witnesses.map(({ url }) => url)).toEqual(['http://127.0.0.1:1']);
    expect(meetsQuorum(auditors!, new Set())).toBe(false);
    expect(meetsQuorum(auditors!, new Set(['witness']))).toBe(true);
    expect(auditors!.logs.map(({ key }) => key.name)).toEqual(keystores.logs.map(({ origin }) => origin));
  });

  it('put nothing secret among the public files', () => {
    const cosigners = provisionCosigners(layout, keystores.logs);
    const chain = { identity: 'evm:31337:0x00', name: DEVELOPMENT_CHAIN };
    const { trust } = writePublicFiles(layout, keystores.logs, cosigners, chain);
    const secrets = everyFile(layout.keys)
      .filter((file) => file.endsWith('.key') || file.endsWith('.password'))
      .flatMap((file) => [readFileSync(file, 'hex'), readFileSync(file, 'base64'), readFileSync(file, 'utf8')]);
    const shown = everyFile(layout.public).map((file) => readFileSync(file, 'utf8'));
    expect(shown.length).toBeGreaterThan(0);
    for (const text of shown) {
      expect(text).not.toContain('PRIVATE');
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    }
    expect(JSON.parse(readFileSync(trust, 'utf8'))).toMatchObject({ version: 1, policy: witnessPolicy([], cosigners) });
  });
});

describe('topics', () => {
  it('are created once, with a dead letter topic beside each, and deleted under the own prefix only', async () => {
    const other = uniqueTopicPrefix();
    await provisionTopics(testAddresses.kafkaBrokers, other);
    await provisionTopics(testAddresses.kafkaBrokers, namespace.topic);
    await provisionTopics(testAddresses.kafkaBrokers, namespace.topic);
    const deleted = await deleteTopics(testAddresses.kafkaBrokers, namespace.topic);
    expect(deleted).toBeGreaterThan(40);
    expect(await deleteTopics(testAddresses.kafkaBrokers, other)).toBe(deleted);
  });
});

describe('topics that are claimed', () => {
  const kafka = () => ({ brokers: testAddresses.kafkaBrokers, own: false });
  const claim = (directory: string, prefix: string) => claimTopics(openDataLayout(join(folder, directory)), kafka(), prefix);

  it('stay those of one installation, and another prefix is free for the next', async () => {
    const [prefix, other] = [uniqueTopicPrefix(), uniqueTopicPrefix()];
    await claim('first', prefix);
    await claim('first', prefix);
    await expect(claim('second', prefix)).rejects.toBeInstanceOf(StackError);
    await claim('second', other);
    expect(await ownsTopics(kafka().brokers, prefix, installationOf(openDataLayout(join(folder, 'first'))))).toBe(true);
    expect(await ownsTopics(kafka().brokers, prefix, installationOf(openDataLayout(join(folder, 'second'))))).toBe(false);
    for (const each of [prefix, other]) expect(await deleteTopics(kafka().brokers, each)).toBe(1);
  });

  it('are not begun anew on a Kafka that lost them', async () => {
    const prefix = uniqueTopicPrefix();
    await claim('third', prefix);
    await deleteTopics(kafka().brokers, prefix);
    await expect(claim('third', prefix)).rejects.toBeInstanceOf(StackError);
  });
});

describe('contract', () => {
  it('is deployed once; a chain that does not hold it gets a new one, and that is said', async () => {
    const lines: string[] = [];
    const chain = { rpcUrl: testAddresses.chainRpcUrl, own: false, name: DEVELOPMENT_CHAIN };
    const say = (line: string): number => lines.push(line);
    const keystores = provisionKeystores(layout);
    const first = await provisionContract(layout, chain, keystores, say);
    expect(first.identity).toBe(`evm:31337:${first.address}`);
    expect(await provisionContract(layout, chain, keystores, say)).toEqual(first);
    expect(lines).toEqual([]);

    const elsewhere = openDataLayout(join(folder, 'elsewhere'));
    const lost = { ...first, address: `0x${'ab'.repeat(20)}` };
    writeFileSync(join(elsewhere.public, 'contract.json'), JSON.stringify(lost));
    const second = await provisionContract(elsewhere, chain, provisionKeystores(elsewhere), say);
    expect(second.address).not.toBe(first.address);
    expect(lines).toHaveLength(1);
  });
});
