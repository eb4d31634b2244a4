/**
 * One replica of a service, as a process of its own: sends random commands to the log it shares with others, writes down what it asks
 * and what it is told, and relays the log beside it. Its terms come as JSON in `COUNTERSIGN_REPLICA`.
 */
import { openSync, writeSync } from 'node:fs';
import { hrtime } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEventLog, type EventLog } from '../event-log.js';
import { createLogDataSource } from '../postgres/data-source.js';
import { poolOf } from '../postgres/connections.js';
import { startRelay, type RelaySink } from '../relay.js';
import { createMemoryUnitKeys } from '../unit-keys.js';
import { ask, type Answer } from './journal-client.js';
import type { Operation } from './operations.js';
import {
  identityOf,
  sentAnswer,
  submissionOf,
  type ReplicaLine,
  type ReplicaTerms,
  type SentSubmission,
} from './replica-terms.js';
import { chooser } from './session-scripts.js';

const CALLS_MAX = 20;
/** A client thinks up to so long between two commands: what the checker has to go through stays small. */
const THINK_MS = 30;

const terms = JSON.parse(process.env['COUNTERSIGN_REPLICA'] ?? '{}') as ReplicaTerms;
const file = openSync(terms.file, 'a');
const choose = chooser(terms.seed);
let calls = 0;
/** The sequence that this replica expects next of the one subject that all of them consume. */
let expected = 0;
const over = new AbortController();
process.once('SIGTERM', () => over.abort());

/** Written before anything else happens: what a killed process was about to do is known. */
function note(line: ReplicaLine): void {
  writeSync(file, `${JSON.stringify(line)}\n`);
}

function now(): number {
  return Number(hrtime.bigint());
}

/** A broker that survives every process: a row is acknowledged when its insert is committed. */
function brokerSink(log: EventLog): RelaySink {
  return {
    publish: async (rows) => {
      await poolOf(log.dataSource).query(
        'INSERT INTO public.broker (position, event_id, publisher) SELECT p, e, $3 FROM unnest($1::int8[], $2::uuid[]) WITH ORDINALITY AS r(p, e, n) ORDER BY n',
        [rows.map(({ position }) => String(position)), rows.map(({ eventId }) => eventId), terms.name],
      );
    },
  };
}

function parcel(): string {
  return `p${choose(terms.parcels)}`;
}

function operation(): Operation {
  const kinds = ['pack', 'take', 'take', 'take', 'move', 'take-from-larger', 'look'] as const;
  const kind = kinds[choose(kinds.length)] ?? 'look';
  const pieces = 1 + choose(3);
  if (kind === 'pack') return { kind, parcel: parcel(), pieces: 50 + choose(50) };
  if (kind === 'take') return { kind, parcel: parcel(), pieces };
  if (kind === 'move') return { kind, from: parcel(), to: parcel(), pieces };
  return kind === 'look' ? { kind, parcel: parcel() } : { kind, parcel: parcel(), than: parcel() };
}

function next(number: number): SentSubmission {
  if (choose(4) > 0) return { commandId: `${terms.name}-${number}`, body: 'only', operation: operation(), message: null };
  // A message has one effect, whoever consumes it: every replica makes the same command of it.
  const message = { subject: 'subject', sequence: expected };
  const effect: Operation = { kind: 'move', from: `m${expected}`, to: `m${expected}`, pieces: 0 };
  return { commandId: `message-${expected}`, body: 'only', operation: effect, message };
}

async function send(log: EventLog, submission: SentSubmission): Promise<void> {
  for (let made = 0; made < CALLS_MAX; made += 1) {
    const call = calls++;
    note({ call, at: now(), submission });
    const answer = await ask(log.journal, submissionOf(submission));
    note({ call, at: now(), answer: sentAnswer(answer) });
    if (submission.message) learn(submission.message.sequence, answer);
    if (answer.kind !== 'unknown') return;
  }
}

function learn(sequence: number, answer: Answer): void {
  const isBehind = answer.kind === 'done' || (answer.kind === 'failed' && answer.code === 'MESSAGE_CONSUMED');
  if (isBehind) expected = Math.max(expected, sequence + 1);
}

async function main(): Promise<void> {
  const dataSource = await createLogDataSource({ url: terms.url, applicationName: terms.name }).initialize();
  const log = await openEventLog({
    dataSource,
    identity: identityOf(terms.identity),
    unitKeys: createMemoryUnitKeys(),
    opener: { pseudonym: 'service', actingFor: 'operator' },
    label: 'UNCLASSIFIED',
    policy: 'test',
  });
  const relay = startRelay({
    name: 'replicas',
    log,
    sink: brokerSink(log),
    limits: { leaseMs: terms.leaseMs, retryPauseMs: 20 },
  });
  process.stdout.write('ready\n');
  for (const submission of terms.unfinished) await send(log, submission);
  let sent = 0;
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await send(log, next(sent++));
      await sleep(choose(THINK_MS));
    }
  };
  await Promise.all(Array.from({ length: terms.atOnce }, client));
  await relay.stop();
  await log.close();
  await dataSource.destroy();
}

await main();
