import type { operationsV1 } from '@countersign/proto';
import { table } from './tables.js';
import { plain } from './terminal.js';

/** Rows that are spelled out; `--json` has all that the service told. */
const DIFFERENCES_MAX = 100;

/** One line a read model. */
export function projectionTable(listed: readonly (operationsV1.Projection & { readonly service: string })[]): string {
  const rows = listed.map((each) => [
    each.service,
    each.name,
    each.liveVersion === each.version ? `${each.version}` : `${each.liveVersion} (of ${each.version})`,
    `${each.position}`,
    `${each.head}`,
    `${each.lag}`,
    each.failure === '' ? each.state : `${each.state}: ${each.failure}`,
  ]);
  return table(['service', 'read model', 'version', 'records in', 'of the log', 'lag', 'state'], rows);
}

/** How far a rebuild or a comparison is, in one line. */
export function progressLine(name: string, { phase, done, total, eventsPerSecond, failure }: operationsV1.Progress): string {
  const share = total === 0n ? 100 : Number((done * 100n) / total);
  const trouble = failure === '' ? '' : `, stopped: ${failure}`;
  return plain(`${name}: ${phase} ${done} / ${total} records (${share} %), ${eventsPerSecond}/s${trouble}`);
}

/** What differs, and the verdict in the last line. */
export function comparisonTable(name: string, { position, rows, differing, differences }: operationsV1.Comparison): string {
  const against = `${position} records of the log`;
  if (differing === 0n) return plain(`${name}: ${rows} rows hold against ${against}`);
  const shown = differences
    .slice(0, DIFFERENCES_MAX)
    .map((row) => [
      row.table,
      row.key,
      row.kind,
      row.columns.map(({ column }) => column),
      row.columns.map(({ live }) => live ?? '-'),
      row.columns.map(({ rebuilt }) => rebuilt ?? '-'),
    ]);
  const lines = [table(['table', 'row', 'is', 'column', 'in the read model', 'by the log'], shown)];
  if (differing > BigInt(shown.length)) lines.push(`… and ${differing - BigInt(shown.length)} more`);
  return [...lines, plain(`${name}: DOES NOT HOLD: ${differing} of ${rows} rows differ from ${against}`)].join('\n');
}
