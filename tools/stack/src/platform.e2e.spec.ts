import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parsePolicy } from '@countersign/merkle';
import { eventually, testAddresses, uniqueTopicPrefix } from '@countersign/testing';
import { COSIGNERS, SERVICES } from './names.js';
import { markOf, stillRuns } from './parts/os-process.js';
import { startPlatform, type Platform, type StartPlatformOptions } from './platform.js';
import { dropDatabases } from './provision/databases.js';
import { deleteTopics } from './provision/topics.js';

const LIMIT_MS = 120_000;
const MIB = 1024 * 1024;

let dataDir: string;
let options: StartPlatformOptions;
let platform: Platform | undefined;
const lines: string[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'countersign-platform-'));
  options = {
    dataDir,
    log: (line) => lines.push(line),
    given: {
      postgresUrl: testAddresses.postgresUrl,
      kafkaBrokers: testAddresses.kafkaBrokers.join(','),
      chainRpcUrl: testAddresses.chainRpcUrl,
    },
    namespace: { database: `e${randomBytes(4).toString('hex')}`, topic: uniqueTopicPrefix() },
  };
  platform = await startPlatform(options);
}, LIMIT_MS);

afterAll(async () => {
  const namespace = platform?.namespace;
  await platform?.stop();
  if (namespace !== undefined) {
    await dropDatabases(testAddresses.postgresUrl, namespace, readFileSync(join(dataDir, 'installation-id'), 'utf8'));
    await deleteTopics(testAddresses.kafkaBrokers, namespace.topic);
  }
  rmSync(dataDir, { recursive: true, force: true });
}, LIMIT_MS);

function running(): Platform {
  if (platform === undefined) throw new Error('the platform did not start');
  return platform;
}

async function healthOf(address: string): Promise<number> {
  const response = await fetch(`http://${address}/health/ready`);
  await response.arrayBuffer();
  return response.status;
}

/** Local addresses, as the kernel writes them, of every listener of the machine on one of these ports. */
function listenersOn(ports: ReadonlySet<number>): string[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A')
      .map((fields) => fields[1] ?? '')
      .filter((local) => ports.has(parseInt(local.split(':')[1] ?? '', 16))),
  );
}

describe('a platform', () => {
  it('has four ready services and its cosigners, all listening on loopback only', async () => {
    const { addresses, cosigners } = running();
    for (const service of SERVICES) expect(await healthOf(addresses[service].http)).toBe(200);
    for (const cosigner of COSIGNERS) expect(await healthOf(cosigners[cosigner].http)).toBe(200);
    const doors = [
      ...SERVICES.flatMap((service) => Object.values(addresses[service])),
      ...COSIGNERS.map((cosigner) => cosigners[cosigner].http),
    ];
    const ports = new Set(doors.map((address) => Number(address.split(':')[1])));
    const listeners = listenersOn(ports);
    expect(listeners).toHaveLength(ports.size);
    expect(listeners.filter((local) => !local.startsWith('0100007F:'))).toEqual([]);
  });

  it('tells the memory of each service, which stays small', () => {
    const memory = running().memory();
    const own = [...SERVICES, ...COSIGNERS];
    expect(memory.map(({ name }) => name)).toEqual(expect.arrayContaining(own));
    for (const { name, bytes } of memory.filter((use) => own.some((each) => each === use.name))) {
      expect({ name, small: bytes > 20 * MIB && bytes < 500 * MIB }).toEqual({ name, small: true });
    }
  });

  it(
    'has the heads of its logs cosigned by another organisation, whose key an auditor pins',
    async () => {
      const { addresses, provisioned } = running();
      await eventually(
        async () => {
          const metrics = await (await fetch(`http://${addresses.anchoring.http}/metrics`)).text();
          const sizes = [...metrics.matchAll(/^countersign_witnessed_size\{log="([^"]+)".*\} (\d+)/gm)].map(([, , size]) =>
            Number(size),
          );
          expect(sizes).toHaveLength(2 * provisioned.keystores.logs.length); // logs and their heads logs
          expect(sizes.filter((size) => size > 0)).toEqual(sizes);
        },
        { limitMs: 30_000 },
      );
      const policy = parsePolicy(readFileSync(provisioned.publicFiles.witnessPolicy, 'utf8'));
      expect(policy.witnesses.map(({ key, url }) => [key.name, url])).toEqual([['auditor-nld.example/witness', undefined]]);
    },
    LIMIT_MS,
  );

  it(
    'loses a service to SIGKILL and gets it back at the same address',
    async () => {
      const { inventory } = running().services;
      const before = inventory.pid;
      await inventory.kill('SIGKILL');
      expect(inventory.isRunning()).toBe(false);
      await expect(healthOf(inventory.http)).rejects.toThrow();
      await inventory.start();
      expect(inventory.pid).not.toBe(before);
      expect(await healthOf(inventory.http)).toBe(200);
    },
    LIMIT_MS,
  );

  it(
    'stops without leaving a process, and starts again on what it kept',
    async () => {
      const first = running();
      const handles = [...SERVICES.map((name) => first.services[name]), ...COSIGNERS.map((name) => first.cosigners[name])];
      const marks = handles.map(({ pid }) => markOf(pid ?? 0)).filter((mark) => mark !== undefined);
      expect(marks).toHaveLength(handles.length);
      const trust = readFileSync(first.provisioned.publicFiles.trust, 'utf8');
      await first.stop();
      expect(marks.filter(stillRuns)).toEqual([]);
      for (const { logFile } of handles) {
        expect(readFileSync(logFile, 'utf8')).not.toMatch(/"level":(50|60)|"level":"(error|fatal)"/);
      }
      platform = await startPlatform(options);
      expect(platform.addresses).toEqual(first.addresses);
      expect(readFileSync(platform.provisioned.publicFiles.trust, 'utf8')).toBe(trust);
      expect(lines.filter((line) => line.includes('unexpectedly'))).toEqual([]);
    },
    LIMIT_MS,
  );
});
