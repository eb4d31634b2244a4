import type { PlatformClients } from '@countersign/cli';
import { TOPICS, type EventBus } from '@countersign/kafka';
import type { ErpClient } from '../erp.js';
import type { Narrator } from '../narrator.js';
import { until } from '../until.js';
import { countDeadLetters, type RefusalCount } from './dead-letters.js';
import { messageOf } from './message.js';
import type { QuarterRow } from './rows.js';

export interface QuarterReport {
  readonly rows: number;
  readonly shipments: number;
  readonly cancellations: number;
  readonly accepted: number;
  readonly quarantined: number;
  readonly refusals: readonly RefusalCount[];
  readonly events: number;
  /** True if an earlier start was interrupted while it sent the rows: then the times are those of the rest alone. */
  readonly resumed: boolean;
  /** First row on Kafka to last row decided, and to last event on chain. */
  readonly decidedSeconds: number;
  readonly anchoredSeconds: number;
  readonly rowsPerSecond: number;
  readonly memoryMiB: number;
  /** rows = accepted + quarantined. */
  readonly sumsAgree: boolean;
}

export interface QuarterWorld {
  readonly clients: PlatformClients;
  readonly bus: EventBus;
  readonly erp: ErpClient;
  readonly narrator: Narrator;
  /** Consumer group of procurement's ERP door. */
  readonly groupId: string;
  readonly topicPrefix: string;
  readonly memoryMiB: () => number;
}

/** Where procurement's log stood before the first row, also if that was sent by an earlier start. */
export interface QuarterBegin {
  readonly position: bigint;
  readonly resumed: boolean;
}

const BATCH_ROWS = 500;
const DEADLINE_MS = 10 * 60_000;

/** Publishes every row through the ERP door, waits until the last event it caused is on chain, and counts what became of each row. */
export async function playQuarter(
  world: QuarterWorld,
  rows: readonly QuarterRow[],
  { position, resumed }: QuarterBegin,
): Promise<QuarterReport> {
  const { bus, erp, narrator } = world;
  const topic = `${world.topicPrefix}${TOPICS.inRequisition.name}`;
  const begin = performance.now();
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    await erp.publish(TOPICS.inRequisition.name, rows.slice(from, from + BATCH_ROWS).map(messageOf));
  }
  await until(
    'the end of the quarter',
    async () => {
      const lag = Number((await bus.lag(world.groupId, [topic])).get(topic) ?? 0n);
      narrator.progress(`${rows.length - lag} of ${rows.length} rows decided`, lag === 0);
      return lag === 0 ? true : undefined;
    },
    DEADLINE_MS,
  );
  const decidedSeconds = (performance.now() - begin) / 1000;
  const after = await logSize(world);
  await untilAnchored(world, after);
  const anchoredSeconds = (performance.now() - begin) / 1000;
  const [accepted, refusals] = await Promise.all([countSubmitted(world, position), countDeadLetters(bus, topic)]);
  const quarantined = refusals.reduce((sum, refusal) => sum + refusal.count, 0);
  return {
    rows: rows.length,
    shipments: rows.filter((row) => row.shipment !== undefined).length,
    cancellations: rows.filter((row) => row.cancellation !== undefined).length,
    accepted,
    quarantined,
    refusals,
    events: Number(after - position),
    resumed,
    decidedSeconds,
    anchoredSeconds,
    rowsPerSecond: rows.length / anchoredSeconds,
    memoryMiB: world.memoryMiB(),
    sumsAgree: accepted + quarantined === rows.length,
  };
}

function procurement({ clients }: Pick<QuarterWorld, 'clients'>): PlatformClients['sources'][number] {
  const source = clients.sources.find(({ name }) => name === 'procurement');
  if (source === undefined) throw new Error('the profile names no procurement service');
  return source;
}

/** Size of procurement's log. */
export async function logSize(world: Pick<QuarterWorld, 'clients'>): Promise<bigint> {
  return (await procurement(world).evidence.getLog({})).size;
}

async function untilAnchored(world: QuarterWorld, size: bigint): Promise<void> {
  const { logId } = await procurement(world).evidence.getLog({});
  await until(
    'the last head on chain',
    async () => {
      const { logs } = await world.clients.logs.listLogs({});
      const log = logs.find((candidate) => Buffer.from(candidate.logId).equals(Buffer.from(logId)));
      return (log?.anchored?.size ?? 0n) >= size ? true : undefined;
    },
    DEADLINE_MS,
  );
}

/** Accepted rows, counted in the log itself: each began exactly one requisition. */
async function countSubmitted(world: QuarterWorld, from: bigint): Promise<number> {
  let count = 0;
  for await (const chunk of procurement(world).evidence.readLog({ fromPosition: from })) {
    for (const { header } of chunk.records) {
      if (Buffer.from(header).includes('"type":"countersign.procurement.RequisitionSubmitted.v1"')) count += 1;
    }
  }
  return count;
}
