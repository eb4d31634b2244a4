import { leafHash, rootFromLeaves } from '@countersign/merkle';
import type { evidenceV1 } from '@countersign/proto';
import { expect } from '@jest/globals';
import { until } from '../until.js';
import type { StoryRun } from './story-run.js';

/** A service's log, read to its end by the auditor. */
export interface WholeLog {
  readonly logId: Buffer;
  readonly records: readonly evidenceV1.StoredRecord[];
  readonly streamIds: readonly string[];
}

export function sourceOf({ clients }: StoryRun, name: string): StoryRun['clients']['sources'][number]['evidence'] {
  const source = clients.sources.find((candidate) => candidate.name === name);
  if (source === undefined) throw new Error(`the profile names no ${name}`);
  return source.evidence;
}

export async function readWholeLog(run: StoryRun, service: string): Promise<WholeLog> {
  const evidence = sourceOf(run, service);
  const records: evidenceV1.StoredRecord[] = [];
  const streamIds: string[] = [];
  for await (const chunk of evidence.readLog({ fromPosition: 0n })) {
    records.push(...chunk.records);
    streamIds.push(...chunk.streamIds);
  }
  return { logId: Buffer.from((await evidence.getLog({})).logId), records, streamIds };
}

/** Sizes of all logs. */
export async function logSizes(run: StoryRun): Promise<Readonly<Record<string, bigint>>> {
  const sizes = run.clients.sources.map(async ({ name, evidence }) => [name, (await evidence.getLog({})).size] as const);
  return Object.fromEntries(await Promise.all(sizes));
}

/** Header of a record as JSON. */
export function headerOf({ header }: evidenceV1.StoredRecord): { readonly id: string; readonly type: string } {
  return JSON.parse(Buffer.from(header).toString('utf8')) as { id: string; type: string };
}

/** Positions and sequences are dense, no event stands twice, and the signed checkpoint of all of it has the root of what is stored. */
export async function expectWhole(run: StoryRun, service: string): Promise<WholeLog> {
  const { log, checkpoint } = await until('the checkpoint of the whole log', () => wholeUnderCheckpoint(run, service));
  expect(log.records.map(({ position }) => position)).toEqual(log.records.map((_, index) => BigInt(index)));
  expect(new Set(log.records.map((record) => headerOf(record).id)).size).toBe(log.records.length);
  for (const [stream, of] of Map.groupBy(log.records, (_, index) => log.streamIds[index])) {
    expect([stream, of.map(({ sequence }) => sequence)]).toEqual([stream, of.map((_, index) => BigInt(index))]);
  }
  const leaves = log.records.map(({ entry }) => leafHash(entry));
  expect(checkpoint).toEqual({ root: Buffer.from(rootFromLeaves(leaves)).toString('base64'), state: 1 }); // LOG_STATE_OPEN
  return log;
}

/** The log together with its signed checkpoint of the same size, once that is on chain too; undefined while one is ahead of the other. */
async function wholeUnderCheckpoint(
  run: StoryRun,
  service: string,
): Promise<{ log: WholeLog; checkpoint: { root: string | undefined; state: number | undefined } } | undefined> {
  const log = await readWholeLog(run, service);
  const { logs } = await run.clients.logs.listLogs({});
  const ours = logs.find(({ logId }) => log.logId.equals(logId));
  const [, size, root] = ours?.checkpoint.split('\n') ?? [];
  const isWhole = Number(size) === log.records.length && Number(ours?.anchored?.size ?? 0n) === log.records.length;
  return isWhole ? { log, checkpoint: { root, state: ours?.state } } : undefined;
}
