import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { CallError, followLog, type Interruption } from '@countersign/grpc';
import type { evidenceV1 } from '@countersign/proto';
import { Unreadable } from '@countersign/verifier';
import { connect, type SourceClient } from '../platform/clients.js';
import { findProfile, readProfile } from '../platform/profile.js';
import { heartbeatLine, interruptionLine, recordLine, resumeLine } from '../tail-lines.js';
import { plain } from '../terminal.js';
import type { ExitCode } from './exit.js';
import type { TailOptions } from './tail-options.js';

/** `tail <service>`: records on stdout, how far it is on stderr, until it is told to end. */
export async function tailCommand(service: string, options: TailOptions): Promise<ExitCode> {
  const clients = connect(readProfile(options.profile ?? findProfile()));
  const ending = new AbortController();
  const end = (): void => ending.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  // Whoever reads only the first lines has closed the pipe.
  process.stdout.once('error', end);
  try {
    const source = clients.sources.find(({ name }) => name === service);
    if (source === undefined)
      throw new Unreadable(`no service ${service} with a log: there is ${clients.sources.map(({ name }) => name).join(', ')}`);
    return await tail(source.evidence, options, { out: process.stdout, err: process.stderr, signal: ending.signal });
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    clients.close();
  }
}

export interface TailStreams {
  readonly out: Writable;
  readonly err: Writable;
  readonly signal: AbortSignal;
}

/** @throws CallError what trying again could not help */
export async function tail(
  evidence: Pick<SourceClient['evidence'], 'getLog' | 'subscribe'>,
  options: TailOptions,
  streams: TailStreams,
): Promise<ExitCode> {
  const { err, signal } = streams;
  const json = options.json === true;
  let resumeToken = options.resume;
  const onInterruption = (interruption: Interruption): void => void err.write(interruptionLine(interruption, json));
  try {
    for await (const { message } of followLog(evidence, await requestOf(evidence, options), { signal, onInterruption })) {
      // What was cut short comes again to who resumes.
      if (await show(message, streams, json)) resumeToken = message.value?.resumeToken;
    }
  } catch (error) {
    if (!(error instanceof CallError) || error.statusName !== 'DATA_LOSS') throw error;
    err.write(`countersign: ${plain(error.message)}\n`);
    return 1;
  }
  if (signal.aborted && resumeToken !== undefined) err.write(resumeLine(resumeToken, json));
  return 0;
}

/** @returns whether all of it was shown */
async function show(
  message: evidenceV1.SubscribeResponse['message'],
  { out, err, signal }: TailStreams,
  json: boolean,
): Promise<boolean> {
  if (message.case === 'heartbeat') err.write(heartbeatLine(message.value, json));
  else
    for (const { record, streamId, type } of message.value?.records ?? []) {
      if (record === undefined) throw new Unreadable('the service sent a record without its content');
      await print(out, recordLine({ record, streamId, type }, json), signal);
    }
  return !signal.aborted;
}

type Request = Parameters<SourceClient['evidence']['subscribe']>[0];

async function requestOf(evidence: Pick<SourceClient['evidence'], 'getLog'>, options: TailOptions): Promise<Request> {
  return {
    start: await startOf(evidence, options),
    filter: {
      categories: [...options.category],
      types: [...options.type],
      streamIds: [...options.stream],
      naturalKeys: [...options.key],
    },
    heartbeatIntervalMs: options.heartbeat * 1000,
    omitDisclosures: !options.disclosures,
    endAtHead: options.untilHead === true,
  };
}

async function startOf(
  evidence: Pick<SourceClient['evidence'], 'getLog'>,
  { resume, from }: TailOptions,
): Promise<evidenceV1.SubscribeRequest['start']> {
  if (resume !== undefined) return { case: 'resumeToken', value: resume };
  return { case: 'fromPosition', value: from ?? (await evidence.getLog({})).size };
}

/** A reader of ours that is slow holds the subscription back, and so the service, instead of filling our memory. */
async function print(out: Writable, line: string, signal: AbortSignal): Promise<void> {
  // Rejects when it is told to end.
  if (!signal.aborted && !out.write(line)) await once(out, 'drain', { signal }).catch(() => undefined);
}
