import { createHash } from 'node:crypto';
import { rawPublicKey, rootFromLeaves, verifierKey } from '@countersign/merkle';
import { buildLog, committedHashes, type CommittedChange } from './built-log.js';
import { bytesOf } from './bytes-of.js';
import { COSIGNED_AT, MAP_CHECKERS, WITNESSES, policyOf } from './cosigners.js';
import { sortedJson, type Json } from './json.js';
import { planLog } from './log-plan.js';
import type { LogPlan } from './planned-log.js';

type Members = { [name: string]: Json };

/** A dossier that holds: its content, the trust file it holds under, and the logs behind it. */
export interface Case {
  readonly name: string;
  readonly logs: readonly LogPlan[];
  readonly content: Members;
  readonly trust: Members;
  /** The two as files. */
  readonly files: { readonly bundle: Buffer; readonly trust: Buffer };
  /** The time it is judged by. */
  readonly at?: string;
}

interface CaseOptions {
  readonly policy?: string;
  readonly mapPolicy?: string;
  readonly maxAgeSeconds?: string;
  /** Size of the head that the trust file remembers of every log. */
  readonly seen?: number;
  /** Whether the first key of every log, and its heads log's, got into other hands after the witnesses saw the earlier checkpoint. */
  readonly isCompromised?: boolean;
  readonly at?: string;
}

const CHAIN = { identity: 'evm:31337:0x00000000000000000000000000000000000000c5', name: 'single-node development chain' };
const A = 'asset/U1';
const B = 'stock/Z9D/1';
const INVENTORY = 'example.org/inventory';
const OPENING = `log/${INVENTORY}`;
const WITNESSED = { policy: policyOf(WITNESSES, 2), mapPolicy: policyOf(MAP_CHECKERS, 1) };

/** Dossiers of every shape that the grammar has. */
export function casesOf(): Case[] {
  const predecessor = { logId: bytesOf('predecessor'), root: bytesOf('predecessor root'), size: 9n };
  const order = ['order/1', 'order/2', 'order/1'];
  const rotated = [
    `${OPENING}!opened`,
    A,
    `${OPENING}!log`,
    A,
    `${OPENING}!heads`,
    B,
    `${OPENING}!leaves`,
    A,
    `${OPENING}!closed`,
  ];
  const earlier = [
    { size: 2, isSigned: false },
    { size: 4, isSigned: true },
    { size: 6, isSigned: true },
  ];
  return [
    caseOf('two streams', [planLog(INVENTORY, [A, B, A, 'asset/U2', A, B, A])]),
    caseOf('one leaf', [planLog(INVENTORY, [A], { witnesses: 3, mapCheckers: 2, absent: [B] })], WITNESSED),
    caseOf('a successor', [planLog(INVENTORY, [`${OPENING}!opened`, A, B, A], {}, predecessor)]),
    caseOf('all at once', [planLog(INVENTORY, [`${OPENING}!opened`, A, A, B, A, 'asset/U2', A, B, A], everything())], {
      ...WITNESSED,
      maxAgeSeconds: '600',
      seen: 3,
      at: new Date((COSIGNED_AT + 300) * 1000).toISOString(),
    }),
    caseOf(
      'rotated keys',
      [planLog(INVENTORY, rotated, { witnesses: 2, mapCheckers: 1, earlier: earlier.slice(0, 2) })],
      WITNESSED,
    ),
    caseOf('compromised keys', [planLog(INVENTORY, [...rotated, A], { witnesses: 2, mapCheckers: 1, earlier })], {
      ...WITNESSED,
      isCompromised: true,
    }),
    caseOf('erased', [planLog(INVENTORY, [A, B, A, `${A}!cover`, `${OPENING}!erased`, B], { mapCheckers: 0, absent: ['a/b'] })], {
      mapPolicy: WITNESSED.mapPolicy,
    }),
    caseOf('two logs', [
      planLog(INVENTORY, [A, B, A, A], { mapCheckers: 2, witnesses: 1 }),
      planLog('example.org/procurement', order, { bare: [1], earlier: [{ size: 1, isSigned: true }], absent: [A] }),
    ]),
  ];
}

function everything(): LogPlan['shows'] {
  const earlier = [
    { size: 1, isSigned: false },
    { size: 3, isSigned: false },
    { size: 8, isSigned: true },
  ];
  return { bare: [2, 7], earlier, mapCheckers: 1, witnesses: 3, absent: ['asset/U3', 'asset/U4'] };
}

function caseOf(name: string, logs: readonly LogPlan[], options: CaseOptions = {}): Case {
  const content = contentOf(logs);
  const trust = {
    version: 1,
    logs: logs.map((log) => pinOf(log, options)),
    policy: options.policy ?? 'quorum none\n',
    ...(options.mapPolicy !== undefined && { mapPolicy: options.mapPolicy }),
    ...(options.maxAgeSeconds !== undefined && { maxAgeSeconds: options.maxAgeSeconds }),
    chain: CHAIN,
  };
  const files = { bundle: sealedFile(content), trust: Buffer.from(sortedJson(trust), 'utf8') };
  return { name, logs, content, trust, files, at: options.at };
}

function pinOf(log: LogPlan, { seen, isCompromised }: CaseOptions): Members {
  const [logKey, headsKey] = [log.logKeys[0], log.headsKeys[0]];
  if (logKey === undefined || headsKey === undefined) throw new RangeError('a log without keys');
  const at = new Date((COSIGNED_AT - 3_600) * 1000).toISOString();
  return {
    origin: log.origin,
    logId: log.logId.toString('hex'),
    verifierKey: verifierKey(log.origin, rawPublicKey(logKey)),
    ...(seen !== undefined && {
      seen: { size: String(seen), root: rootFromLeaves(committedHashes(log).slice(0, seen)).toString('hex') },
    }),
    ...(isCompromised && { compromised: [logKey, headsKey].map((key) => ({ key: rawPublicKey(key).toString('hex'), at })) }),
  };
}

/** The content of a bundle over these logs, one of which may be changed before it is committed; every log's streams are in it. */
export function contentOf(logs: readonly LogPlan[], change?: CommittedChange): Members {
  const built = logs.map((log) => buildLog(log, change));
  const absences = built.flatMap(({ absences: absent }) => absent);
  return {
    version: 1,
    item: { kind: 'uii', value: 'U1' },
    logs: built.map(({ log }) => log),
    streams: built.flatMap(({ streams }) => streams),
    ...(absences.length > 0 && { absences }),
  };
}

/** A bundle file with the seal of its content, canonical if the content can be. */
export function sealedFile(content: Json): Buffer {
  const sha256 = createHash('sha256').update('countersign/bundle/v1\0').update(sortedJson(content)).digest('hex');
  return Buffer.from(sortedJson({ bundle: content, sha256 }), 'utf8');
}
