import { createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKafkaBus, ensureTopics } from '@countersign/kafka';
import { runMigrations, startService, type RunningService } from '@countersign/host';
import { rawPublicKey } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { ItemKeys, registrationBytes, SUITE } from '@countersign/record';
import { createTestDatabase, testAddresses, uniqueTopicPrefix, type TestDatabase } from '@countersign/testing';
import { IDENTITY } from './service.js';
import { identityMigrations, unitKeyMigrations } from './storage/identity-migrations.js';

/** Identity as the platform runs it, on real parts. */
export interface RunningIdentity {
  /** `host:port` of gRPC and of HTTP. */
  readonly address: string;
  readonly httpAddress: string;
  readonly administratorKey: KeyObject;
  /** Key of another service of the operator, registered at the first start. */
  readonly inventoryKey: KeyObject;
  readonly topicPrefix: string;
  readonly keysDatabase: TestDatabase;
  service: RunningService;
  /** Stops and starts it on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const ORIGIN = 'countersign.example/identity';

export async function startIdentity(): Promise<RunningIdentity> {
  const [database, keysDatabase] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await runMigrations({
    ownerUrl: database.ownerUrl,
    appRole: database.appRole,
    migrations: identityMigrations(database.appRole),
  });
  const keyMigrations = unitKeyMigrations(keysDatabase.appRole);
  await runMigrations({
    ownerUrl: keysDatabase.ownerUrl,
    appRole: keysDatabase.appRole,
    migrations: keyMigrations,
    eventLog: false,
  });
  const topicPrefix = uniqueTopicPrefix();
  const bus = createKafkaBus({ brokers: testAddresses.kafkaBrokers, clientId: 'identity-test' });
  await ensureTopics(bus, topicPrefix);
  await bus.close();
  const keystore = mkdtempSync(join(tmpdir(), 'identity-keys-'));
  const { administratorKey, inventoryKey } = writeKeystore(keystore);
  const [address, httpAddress] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const start = (): Promise<RunningService> =>
    startService(
      IDENTITY,
      {
        COUNTERSIGN_DATABASE_URL: database.appUrl,
        COUNTERSIGN_KEYS_DATABASE_URL: keysDatabase.appUrl,
        COUNTERSIGN_KAFKA_BROKERS: testAddresses.kafkaBrokers.join(','),
        COUNTERSIGN_GRPC_ADDRESS: address,
        COUNTERSIGN_HTTP_ADDRESS: httpAddress,
        COUNTERSIGN_KEYSTORE: keystore,
        COUNTERSIGN_IDENTITY_URL: address,
        COUNTERSIGN_JWKS_URL: `http://${httpAddress}/.well-known/jwks.json`,
        COUNTERSIGN_TOPIC_PREFIX: topicPrefix,
      },
      silentLogger,
    );
  const running: RunningIdentity = {
    address,
    httpAddress,
    administratorKey,
    inventoryKey,
    topicPrefix,
    keysDatabase,
    service: await start(),
    restart: async () => {
      await running.service.stop();
      running.service = await start();
    },
    close: async () => {
      await running.service.stop();
      rmSync(keystore, { recursive: true });
      await Promise.all([database.drop(), keysDatabase.drop()]);
    },
  };
  return running;
}

function writeKeystore(folder: string): { readonly administratorKey: KeyObject; readonly inventoryKey: KeyObject } {
  const [own, leaves, token, administrator, inventory, log, heads] = Array.from({ length: 7 }, newKey) as [
    KeyObject,
    KeyObject,
    KeyObject,
    KeyObject,
    KeyObject,
    KeyObject,
    KeyObject,
  ];
  const master = randomBytes(32);
  const write = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content, { mode: 0o600 });
  write('principal-key.pem', privatePem(own));
  write('leaves-key.pem', privatePem(leaves));
  write('token-key.pem', privatePem(token));
  write('item-master.key', master);
  write('request-digest.key', randomBytes(32));
  write('unit-key-master.key', randomBytes(32));
  write('admin-public.pem', publicPem(administrator));
  write(
    'registration.json',
    registrationBytes({
      origin: ORIGIN,
      suite: SUITE,
      logKey: rawPublicKey(log),
      headsOrigin: `${ORIGIN}/heads`,
      headsKey: rawPublicKey(heads),
      itemCommitment: new ItemKeys(master).commitment(),
      organisation: 'operator',
      predecessor: null,
    }),
  );
  const services = [
    { principalId: 'service-identity', service: 'identity', publicKey: publicPem(own) },
    { principalId: 'service-inventory', service: 'inventory', publicKey: publicPem(inventory) },
  ];
  write(
    'bootstrap.json',
    JSON.stringify({ organisation: 'operator', administrator: { principalId: 'administrator' }, services }),
  );
  return { administratorKey: administrator, inventoryKey: inventory };
}

function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

function privatePem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
