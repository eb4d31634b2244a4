import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployRegistry } from '@countersign/chain';
import { createClient, type Client } from '@countersign/grpc';
import { runMigrations, startService, type RunningService } from '@countersign/host';
import { createKafkaBus, type EventBus } from '@countersign/kafka';
import type { Role } from '@countersign/kernel';
import { silentLogger } from '@countersign/observability';
import { anchoringV1 } from '@countersign/proto';
import { createTestDatabase, testAddresses, uniqueTopicPrefix, type TestDatabase } from '@countersign/testing';
import { ANCHORING } from '../service.js';
import { anchoringMigrations } from '../storage/migrations.js';
import { freeAddress } from './free-address.js';
import { sampleEntries, sampleLog, type SampleLog } from './sample-log.js';
import { startTestTokens, type TestTokens } from './test-tokens.js';

/** The anchoring service on real parts, with three logs and their sources' keys in the test's hands. */
export class ServiceFixture {
  readonly samples: readonly SampleLog[] = [0, 1, 2].map((logNo) => sampleLog(logNo));
  private service: RunningService | undefined;
  private readonly clients: { close(): void }[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly bus: EventBus,
    private readonly tokens: TestTokens,
    private readonly keystore: string,
    private readonly topicPrefix: string,
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async open(rpcUrl = testAddresses.chainRpcUrl): Promise<ServiceFixture> {
    const database = await createTestDatabase();
    const { ownerUrl, appRole } = database;
    await runMigrations({ ownerUrl, appRole, eventLog: false, migrations: anchoringMigrations({ appRole }) });
    const tokens = await startTestTokens();
    const publisherKey = randomBytes(32);
    const { contract } = await deployRegistry({ rpcUrl, deployerKey: publisherKey });
    const topicPrefix = uniqueTopicPrefix();
    const keystore = mkdtempSync(join(tmpdir(), 'anchoring-keys-'));
    const brokers = testAddresses.kafkaBrokers;
    const environment = {
      COUNTERSIGN_DATABASE_URL: database.appUrl,
      COUNTERSIGN_KAFKA_BROKERS: brokers.join(','),
      COUNTERSIGN_GRPC_ADDRESS: await freeAddress(),
      COUNTERSIGN_HTTP_ADDRESS: await freeAddress(),
      COUNTERSIGN_KEYSTORE: keystore,
      COUNTERSIGN_IDENTITY_URL: '127.0.0.1:1',
      COUNTERSIGN_JWKS_URL: tokens.jwksUrl,
      COUNTERSIGN_TOPIC_PREFIX: topicPrefix,
      COUNTERSIGN_CHAIN_RPC_URL: rpcUrl,
      COUNTERSIGN_CHAIN_CONTRACT: contract,
      COUNTERSIGN_STATIC_ADDRESS: await freeAddress(),
    };
    const bus = createKafkaBus({ brokers, clientId: 'anchoring-test' });
    const fixture = new ServiceFixture(database, bus, tokens, keystore, topicPrefix, environment);
    fixture.#writeKeystore(publisherKey);
    await bus.createTopics(
      fixture.samples.flatMap(({ log }) =>
        ['', '.dlq'].map((suffix) => ({ topic: topicPrefix + log.topic + suffix, partitions: 1 })),
      ),
    );
    return fixture;
  }

  async start(changes: Readonly<Record<string, string>> = {}): Promise<void> {
    this.service = await startService(ANCHORING, { ...this.environment, ...changes }, silentLogger);
  }

  async stop(): Promise<void> {
    await this.service?.stop();
    this.service = undefined;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.stop();
    await this.bus.close();
    await this.tokens.close();
    await this.database.drop();
    rmSync(this.keystore, { recursive: true, force: true });
  }

  /** What the source of a log publishes: entries from one position to another, in messages of at most `perMessage`. */
  async publish(logNo: number, from: number, to: number, perMessage = 1_000): Promise<void> {
    const sample = this.sample(logNo);
    const messages: Buffer[] = [];
    for (let first = from; first < to; first += perMessage) {
      messages.push(sample.message(first, sampleEntries(first, Math.min(to, first + perMessage), String(logNo))));
    }
    await this.publishValues(logNo, ...messages);
  }

  async publishValues(logNo: number, ...values: readonly Buffer[]): Promise<void> {
    const { log } = this.sample(logNo);
    await this.bus.publish(
      this.topicPrefix + log.topic,
      values.map((value) => ({ key: log.key, value })),
    );
  }

  logs(...roles: readonly Role[]): Client<typeof anchoringV1.LogService> {
    return this.#client(anchoringV1.LogService, roles);
  }

  proofs(...roles: readonly Role[]): Client<typeof anchoringV1.ProofService> {
    return this.#client(anchoringV1.ProofService, roles);
  }

  sample(logNo: number): SampleLog {
    const sample = this.samples[logNo];
    if (sample === undefined) throw new Error(`there is no log ${logNo}`);
    return sample;
  }

  #client<Service extends typeof anchoringV1.LogService | typeof anchoringV1.ProofService>(
    service: Service,
    roles: readonly Role[],
  ): Client<Service> {
    const address = this.environment['COUNTERSIGN_GRPC_ADDRESS'] ?? '';
    const tokenSource = { token: () => Promise.resolve(this.tokens.token(...roles)), forget: () => undefined };
    const client = createClient(service, address, roles.length === 0 ? {} : { tokenSource });
    this.clients.push(client);
    return client;
  }

  #writeKeystore(publisherKey: Buffer): void {
    const write = (name: string, content: string | Buffer): void => writeFileSync(join(this.keystore, name), content);
    write('principal-key.pem', pem(generateKeyPairSync('ed25519').privateKey));
    write('publisher.key', `0x${publisherKey.toString('hex')}\n`);
    for (const { log, keys } of this.samples) {
      const folder = `logs/${log.logNo}`;
      mkdirSync(join(this.keystore, folder), { recursive: true });
      write(`${folder}/registration.json`, keys.registration);
      write(`${folder}/log-key.pem`, pem(keys.logKey));
      write(`${folder}/heads-key.pem`, pem(keys.headsKey));
      write(`${folder}/source-public.pem`, keys.sourceKey.export({ format: 'pem', type: 'spki' }).toString());
    }
  }
}

function pem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}
