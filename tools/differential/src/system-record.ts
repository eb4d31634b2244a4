import { createHash } from 'node:crypto';
import { rawPublicKey, signEd25519 } from '@countersign/merkle';
import { keyRotationMessage } from '@countersign/record';
import { bytesOf } from './bytes-of.js';
import type { Json } from './json.js';
import type { LogPlan } from './planned-log.js';

/** Type and fields of a record of the log about itself. */
export interface SystemRecord {
  readonly type: string;
  readonly fields: { [name: string]: Json };
}

type Planned = Pick<LogPlan, 'logId' | 'leaves' | 'logKeys' | 'headsKeys'>;

/**
 * The system record of that kind, or none for `''`; an `erased` one speaks of the last withheld disclosure before it, whose record digest it names by
 * `@digest <leaf>@` until the record is built.
 */
export function systemRecord(kind: string, at: number, plan: Planned): SystemRecord | undefined {
  const makers: Readonly<Record<string, () => SystemRecord>> = {
    opened: () => ({ type: 'countersign.log.LogOpened.v1', fields: { logId: plan.logId.toString('hex') } }),
    closed: () => ({ type: 'countersign.log.LogClosed.v1', fields: { logId: plan.logId.toString('hex'), reason: 'moved' } }),
    cover: () => ({ type: 'countersign.log.Cover.v1', fields: {} }),
    log: () => rotation('log', plan),
    heads: () => rotation('heads', plan),
    leaves: () => rotation('leaves', plan),
    erased: () => erased(plan, at),
  };
  return makers[kind]?.();
}

function rotation(keyUse: string, { logId, leaves, logKeys, headsKeys }: Planned): SystemRecord {
  const keys = keyUse === 'heads' ? headsKeys : logKeys;
  const done = leaves.filter(({ streamId, header }) => streamId.startsWith('log/') && usesOf(header) === keyUse).length;
  const [retired, next] = [keys[done], keys[done + 1] ?? keys[0]];
  if (retired === undefined || next === undefined) throw new RangeError('a rotation without keys');
  const fields = {
    keyUse,
    retiredKey: rawPublicKey(retired).toString('hex'),
    newKey: rawPublicKey(next).toString('hex'),
    validFrom: '2026-11-02T00:00:00Z',
  };
  const signature = signEd25519(retired, keyRotationMessage(logId, fields)).toString('hex');
  return { type: 'countersign.log.KeyRotated.v1', fields: { ...fields, signature } };
}

function usesOf(header: { [name: string]: Json }): Json {
  return (header['data'] as { [name: string]: Json })['keyUse'] ?? null;
}

function erased({ leaves }: Planned, at: number): SystemRecord {
  const target = leaves.findLastIndex(({ disclosures }) => disclosures.length > 1);
  const sealed = leaves[target]?.disclosures.at(-1) ?? '';
  return {
    type: 'countersign.log.Erased.v1',
    fields: {
      recordDigest: `@digest ${target}@`,
      sdDigest: createHash('sha256').update(sealed).digest('hex'),
      keyId: bytesOf(`key ${at}`).subarray(0, 16).toString('hex'),
      ground: 'request of the person',
      authority: 'data protection officer',
    },
  };
}
