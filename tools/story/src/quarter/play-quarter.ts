import { TOPICS } from '@countersign/kafka';
import { untilQuiet } from '../quiet.js';
import { countDeadLetters, type RefusalCount } from './dead-letters.js';
import { messageOf } from './message.js';
import type { ProcessorTime } from './processor-time.js';
import { logSize, procurement, QUARTER_DEADLINE_MS, type QuarterWorld } from './quarter-world.js';
import type { QuarterRow } from './rows.js';
import { Watch, type Moment } from './watch.js';

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
  /** First row on Kafka to the end of every reaction to these events in every service. */
  readonly quietSeconds: number;
  /** Used by every process of the platform, this one included, up to then. */
  readonly processorTime: ProcessorTime;
  /** How far everything had come, about once a second. */
  readonly timeline: readonly Moment[];
  readonly memoryMiB: number;
  /** rows = accepted + quarantined. */
  readonly sumsAgree: boolean;
}

/** Where procurement's log stood before the first row, also if that was sent by an earlier start. */
export interface QuarterBegin {
  readonly position: bigint;
  readonly resumed: boolean;
}

const BATCH_ROWS = 500;

/** Publishes every row through the ERP door, waits until the last event it caused is on chain, and counts what became of each row. */
export async function playQuarter(world: QuarterWorld, rows: readonly QuarterRow[], begin: QuarterBegin): Promise<QuarterReport> {
  const watch = new Watch(world, rows.length, begin.position);
  await publishRows(world, rows);
  await watch.until('every row decided', ({ decided }) => decided === rows.length);
  const decidedSeconds = watch.seconds();
  const end = await logSize(world);
  const events = Number(end - begin.position);
  await watch.until('the last event on chain', ({ anchored }) => anchored >= events);
  const anchoredSeconds = watch.seconds();
  await untilQuiet(world.platform, QUARTER_DEADLINE_MS);
  const use = { quietSeconds: watch.seconds(), processorTime: watch.processorTime(), timeline: watch.moments };
  const [accepted, refusals] = await Promise.all([
    countSubmitted(world, begin.position),
    countDeadLetters(world.bus, world.topic),
  ]);
  const quarantined = refusals.reduce((sum, refusal) => sum + refusal.count, 0);
  return {
    rows: rows.length,
    shipments: rows.filter((row) => row.shipment !== undefined).length,
    cancellations: rows.filter((row) => row.cancellation !== undefined).length,
    accepted,
    quarantined,
    refusals,
    events,
    resumed: begin.resumed,
    decidedSeconds,
    anchoredSeconds,
    rowsPerSecond: rows.length / anchoredSeconds,
    ...use,
    memoryMiB: world.memoryMiB(),
    sumsAgree: accepted + quarantined === rows.length,
  };
}

async function publishRows({ erp }: QuarterWorld, rows: readonly QuarterRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    await erp.publish(TOPICS.inRequisition.name, rows.slice(from, from + BATCH_ROWS).map(messageOf));
  }
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
