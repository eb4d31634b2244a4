import { createSecretKey, type KeyObject } from 'node:crypto';

import type { UnitKeyStore } from '@countersign/event-log';
import { DomainError } from '@countersign/kernel';
import { gauge, type Logger } from '@countersign/observability';
import type { identityV1 } from '@countersign/proto';

import { LIMITS } from './config.js';
import { KeyCache } from './key-cache.js';

type UnitKey = Awaited<ReturnType<UnitKeyStore['fresh']>>;

/** The calls of identity's KeyService this store makes; a client of it fits. */
export interface KeyServiceCalls {
  drawUnitKeys(request: { readonly count: number }): Promise<Pick<identityV1.DrawUnitKeysResponse, 'keys'>>;
  getUnitKeys(request: { readonly keyIds: Uint8Array[] }): Promise<Pick<identityV1.GetUnitKeysResponse, 'keys'>>;
}

export interface RemoteUnitKeysOptions {
  readonly keyService: KeyServiceCalls;
  readonly logger: Logger;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/** Unit keys of the organisation's key service (formats §3). */
export interface RemoteUnitKeys extends UnitKeyStore {
  /** Fills the pool for the first time; failures are left to the next `fresh`. */
  prefetch(): Promise<void>;
}

/**
 * Fresh keys come from a pool that is refilled while it is used, so that appending waits for no round trip; keys for reading are asked
 * for in one request per turn of the event loop and kept for minutes. What is pooled when the process ends is never used by anybody.
 */
export function createRemoteUnitKeys({ keyService, logger, now = Date.now }: RemoteUnitKeysOptions): RemoteUnitKeys {
  const pool = new FreshKeyPool(keyService, logger);
  const reader = new KeyReader(keyService, now);
  gauge('unitKeysPooled', () => pool.size);
  return {
    prefetch: () => pool.refill().catch(() => undefined),
    fresh: async () => {
      const unitKey = await pool.take();
      reader.remember(unitKey);
      return unitKey;
    },
    get: (keyIds) => reader.get(keyIds),
  };
}

class FreshKeyPool {
  private readonly keys: UnitKey[] = [];
  private refilling: Promise<void> | undefined;
  /** While the pool lasts, a key service that failed is left alone until then. */
  private restUntil = 0;

  constructor(
    private readonly keyService: KeyServiceCalls,
    private readonly logger: Logger,
  ) {}

  get size(): number {
    return this.keys.length;
  }

  async take(): Promise<UnitKey> {
    const until = performance.now() + LIMITS.unitKeyWaitMs;
    for (;;) {
      const key = this.keys.pop();
      if (this.keys.length < LIMITS.unitKeysLow && performance.now() >= this.restUntil) this.refill().catch(() => undefined);
      if (key !== undefined) return key;
      // Many wait for one refill; who comes too late for it waits for the next.
      await this.refill();
      if (performance.now() > until) throw new DomainError('DEPENDENCY_UNAVAILABLE', { context: { dependency: 'key service' } });
    }
  }

  /** One at a time, whoever asks. */
  refill(): Promise<void> {
    this.refilling ??= this.draw().finally(() => {
      this.refilling = undefined;
    });
    return this.refilling;
  }

  private async draw(): Promise<void> {
    try {
      const { keys } = await this.keyService.drawUnitKeys({ count: LIMITS.unitKeysPooled });
      this.keys.push(...keys.map(unitKeyOf));
    } catch (cause) {
      this.restUntil = performance.now() + LIMITS.unitKeyRestMs;
      this.logger.warn('unit-keys-not-drawn', { error: cause });
      throw new DomainError('DEPENDENCY_UNAVAILABLE', { context: { dependency: 'key service' } }, { cause });
    }
  }
}

class KeyReader {
  private readonly cache: KeyCache<KeyObject>;
  /** Ids that are asked for in the coming request, and that request. */
  private asked = new Map<string, Uint8Array>();
  private coming: Promise<ReadonlyMap<string, KeyObject>> | undefined;

  constructor(
    private readonly keyService: KeyServiceCalls,
    now: () => number,
  ) {
    this.cache = new KeyCache(LIMITS.unitKeysCachedMax, LIMITS.unitKeysCachedMs, now);
  }

  remember({ keyId, key }: UnitKey): void {
    this.cache.set(hexOf(keyId), key);
  }

  async get(keyIds: readonly Uint8Array[]): Promise<ReadonlyMap<string, KeyObject>> {
    const found = new Map<string, KeyObject>();
    const missing = new Map<string, Uint8Array>();
    for (const keyId of keyIds) {
      const id = hexOf(keyId);
      const key = this.cache.get(id);
      if (key === undefined) missing.set(id, keyId);
      else found.set(id, key);
    }
    if (missing.size === 0) return found;
    const fetched = await this.ask(missing);
    for (const id of missing.keys()) {
      const key = fetched.get(id);
      if (key !== undefined) found.set(id, key);
    }
    return found;
  }

  private ask(missing: ReadonlyMap<string, Uint8Array>): Promise<ReadonlyMap<string, KeyObject>> {
    missing.forEach((keyId, id) => this.asked.set(id, keyId));
    this.coming ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        const ids = [...this.asked.values()];
        this.asked = new Map();
        this.coming = undefined;
        this.fetch(ids).then(resolve, reject);
      });
    });
    return this.coming;
  }

  private async fetch(keyIds: readonly Uint8Array[]): Promise<ReadonlyMap<string, KeyObject>> {
    const fetched = new Map<string, KeyObject>();
    for (let from = 0; from < keyIds.length; from += LIMITS.unitKeysAskedMax) {
      const { keys } = await this.request(keyIds.slice(from, from + LIMITS.unitKeysAskedMax));
      for (const unitKey of keys.map(unitKeyOf)) {
        fetched.set(hexOf(unitKey.keyId), unitKey.key);
        this.remember(unitKey);
      }
    }
    return fetched;
  }

  private async request(keyIds: Uint8Array[]): Promise<Pick<identityV1.GetUnitKeysResponse, 'keys'>> {
    try {
      return await this.keyService.getUnitKeys({ keyIds });
    } catch (cause) {
      throw new DomainError('DEPENDENCY_UNAVAILABLE', { context: { dependency: 'key service' } }, { cause });
    }
  }
}

function unitKeyOf({ keyId, key }: { readonly keyId: Uint8Array; readonly key: Uint8Array }): UnitKey {
  return { keyId, key: createSecretKey(key) };
}

function hexOf(keyId: Uint8Array): string {
  return Buffer.from(keyId.buffer, keyId.byteOffset, keyId.byteLength).toString('hex');
}
