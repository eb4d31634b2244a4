import { randomBytes } from 'node:crypto';

import { silentLogger } from '@countersign/observability';
import { codeOf } from '@countersign/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';

import { LIMITS } from './config.js';
import { createRemoteUnitKeys, type KeyServiceCalls, type RemoteUnitKeys } from './remote-unit-keys.js';

type Key = {
  readonly $typeName: 'countersign.identity.v1.UnitKey';
  readonly keyId: Uint8Array<ArrayBuffer>;
  readonly key: Uint8Array<ArrayBuffer>;
};

/** Identity's key service, as far as callers see it. */
class FakeKeyService implements KeyServiceCalls {
  readonly made = new Map<string, Key>();
  draws = 0;
  readonly asked: number[] = [];
  down = false;

  async drawUnitKeys({ count }: { readonly count: number }): Promise<{ keys: Key[] }> {
    this.draws += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.down) throw new Error('down');
    const keys = Array.from({ length: count }, (): Key => ({
      $typeName: 'countersign.identity.v1.UnitKey',
      keyId: new Uint8Array(randomBytes(16)),
      key: new Uint8Array(randomBytes(32)),
    }));
    keys.forEach((key) => this.made.set(hex(key.keyId), key));
    return { keys };
  }

  async getUnitKeys({ keyIds }: { readonly keyIds: Uint8Array[] }): Promise<{ keys: Key[] }> {
    await Promise.resolve();
    this.asked.push(keyIds.length);
    if (this.down) throw new Error('down');
    return { keys: keyIds.flatMap((keyId) => this.made.get(hex(keyId)) ?? []) };
  }
}

describe('remote unit keys', () => {
  let service: FakeKeyService;
  let nowMs: number;
  let store: RemoteUnitKeys;

  beforeEach(() => {
    service = new FakeKeyService();
    nowMs = 0;
    store = createRemoteUnitKeys({ keyService: service, logger: silentLogger, now: () => nowMs });
  });

  const foreignKeys = async (count: number): Promise<Uint8Array[]> =>
    (await service.drawUnitKeys({ count })).keys.map(({ keyId }) => keyId);

  it('hand out each fresh key once, and draw for many at once', async () => {
    const fresh = await Promise.all(Array.from({ length: 1_500 }, () => store.fresh()));
    expect(new Set(fresh.map(({ keyId }) => hex(keyId))).size).toBe(1_500);
    expect(service.draws).toBeLessThanOrEqual(3);
  });

  it('refill the pool before it is empty', async () => {
    await store.prefetch();
    for (let taken = 0; taken <= LIMITS.unitKeysPooled - LIMITS.unitKeysLow; taken += 1) await store.fresh();
    expect(service.draws).toBe(2);
  });

  it('go on from the pool while the key service is down, and refuse when it is empty', async () => {
    await store.prefetch();
    service.down = true;
    for (let taken = 0; taken < LIMITS.unitKeysPooled; taken += 1) await store.fresh();
    expect(await codeOf(() => store.fresh())).toBe('DEPENDENCY_UNAVAILABLE');
    expect(service.draws).toBeLessThan(10);
    service.down = false;
    expect((await store.fresh()).keyId).toHaveLength(16);
  });

  it('give keys by id, and leave out those that are not there', async () => {
    const [known] = await foreignKeys(1);
    const unknown = randomBytes(16);
    const keys = await store.get([known!, unknown]);
    expect([...keys.keys()]).toEqual([hex(known!)]);
    expect(keys.get(hex(known!))?.export()).toEqual(Buffer.from(service.made.get(hex(known!))!.key));
  });

  it('ask once for what many want at the same time', async () => {
    const ids = await foreignKeys(3);
    const results = await Promise.all([store.get([ids[0]!]), store.get([ids[1]!, ids[0]!]), store.get([ids[2]!])]);
    expect(results.map(({ size }) => size)).toEqual([1, 2, 1]);
    expect(service.asked).toEqual([3]);
  });

  it('keep keys for some minutes only', async () => {
    const [id] = await foreignKeys(1);
    await store.get([id!]);
    await store.get([id!]);
    expect(service.asked).toEqual([1]);
    service.made.clear();
    nowMs = LIMITS.unitKeysCachedMs;
    expect((await store.get([id!])).size).toBe(0);
  });

  it('need no request to read what was sealed with a fresh key', async () => {
    const { keyId } = await store.fresh();
    expect((await store.get([keyId])).size).toBe(1);
    expect(service.asked).toEqual([]);
  });

  it('tell an outage from a key that is not there', async () => {
    const [id] = await foreignKeys(1);
    service.down = true;
    expect(await codeOf(() => store.get([id!]))).toBe('DEPENDENCY_UNAVAILABLE');
  });

  it('split what is more than one request may ask', async () => {
    const ids = Array.from({ length: LIMITS.unitKeysAskedMax + 1 }, () => randomBytes(16));
    await store.get(ids);
    expect(service.asked).toEqual([LIMITS.unitKeysAskedMax, 1]);
  });
});

function hex(keyId: Uint8Array): string {
  return Buffer.from(keyId).toString('hex');
}
