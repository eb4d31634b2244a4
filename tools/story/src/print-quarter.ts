import { table } from '@countersign/cli';
import type { QuarterReport } from './quarter/play-quarter.js';
import { totalOf } from './quarter/processor-time.js';

/** The figures of the quarter as tables of plain text. */
export function printQuarter(quarter: QuarterReport, write: (text: string) => void): void {
  write('\nThe real quarter: US DLA LESO, 2019 Q4, through the ERP door\n');
  const rows: [string, string | number][] = [
    ['rows in', `${quarter.rows} (${quarter.shipments} shipments, ${quarter.cancellations} cancellations)`],
    ['accepted', quarter.accepted],
    ...quarter.refusals.map((refusal): [string, string | number] => [
      `quarantined: ${refusal.code || refusal.reason} ${refusal.field}`,
      `${refusal.count} (${refusal.rule})`,
    ]),
    ['sum', `${quarter.accepted + quarter.quarantined} ${quarter.sumsAgree ? '= rows in' : '≠ ROWS IN'}`],
    ['events stored', quarter.events],
    quarter.resumed
      ? ['continued after an interruption', `${quarter.anchoredSeconds.toFixed(1)} s to the last event on chain`]
      : [
          'first row to last event on chain',
          `${quarter.anchoredSeconds.toFixed(1)} s (${quarter.rowsPerSecond.toFixed(0)} rows/s)`,
        ],
    ['and to the end of all reactions', `${quarter.quietSeconds.toFixed(1)} s`],
    ['memory of the platform', `${quarter.memoryMiB} MiB`],
    ['processor time of all processes', used(totalOf(quarter.processorTime), quarter)],
    ...Object.entries(quarter.processorTime).map(([part, seconds]): [string, string] => [`  ${part}`, used(seconds, quarter)]),
  ];
  write(`${table(['', ''], rows)}\n`);
}

function used(seconds: number, { events }: QuarterReport): string {
  const each = events === 0 ? '' : ` (${((seconds / events) * 1e6).toFixed(0)} µs an event)`;
  return `${seconds.toFixed(2)} s${each}`;
}
