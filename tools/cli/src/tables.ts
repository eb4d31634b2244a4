import type { VerificationReport } from '@countersign/verifier';
import Table from 'cli-table3';
import type { AuditedEvent, DossierAudit } from './platform/audit-dossier.js';
import type { PlatformAudit } from './platform/audit-platform.js';
import { plain } from './terminal.js';

/** Failures that are spelled out; `--json` has all of them. */
const FAILURES_MAX = 100;
const REASON_LENGTH_MAX = 110;

const PLAIN = { head: [], border: [], 'padding-left': 0, 'padding-right': 1 } as const;

const LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '─',
  'mid-mid': '─',
  right: '',
  'right-mid': '',
  middle: ' ',
};

/** A list is a cell of several lines. */
export type Cell = string | number | readonly string[];

/** A table of plain text columns: readable on a terminal, in a log and in a mail, whatever the text of others in it. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const made = new Table({ head: [...head], style: { ...PLAIN, compact: true, head: [], border: [] }, chars: LINES });
  for (const row of rows) made.push(row.map(cellText));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}

function cellText(cell: Cell): string {
  return typeof cell === 'object' ? cell.map(plain).join('\n') : plain(String(cell));
}

/** Every event of a dossier: where it stands, who, when by three clocks, its label and its evidence. */
export function dossierTable(audit: DossierAudit): string {
  const rows = audit.events.map((event) => [
    `${event.source}#${event.position}`,
    event.streamId,
    event.event,
    who(event),
    clock(event.eventTime),
    clock(event.recordedTime),
    clock(event.anchoredTime),
    event.label,
    evidence(event),
  ]);
  return table(['log#leaf', 'stream', 'event', 'who (for)', 'event time', 'recorded', 'anchored', 'label', 'evidence'], rows);
}

/** One line a log: what was compared with what, and whether it agrees. */
export function platformTable(audit: PlatformAudit): string {
  const rows = audit.logs.map((log) => [
    log.source,
    log.committed,
    log.sound,
    log.pending,
    log.heads.map((head) => `${head.by} ${head.size} ${head.holds ? 'PASS' : 'FAIL'}`).join(', '),
    log.chain === 'NOT_CHECKED' ? `NOT_CHECKED: ${log.chainReason}` : `${log.chain} (${log.chainReason})`,
    log.findings.length === 0
      ? 'none'
      : log.findings.map((finding) => `${finding.verdict} at leaf ${finding.index ?? '-'}`).join(', '),
  ]);
  return table(['log', 'in tree', 'sound', 'pending', 'heads', 'chain', 'findings'], rows);
}

/** Checks of a bundle, counted by kind with up to two reasons each, then the failures. */
export function verificationTable(report: VerificationReport): string {
  const kinds = [...new Set(report.checks.map((check) => check.id))];
  const rows = kinds.map((id) => {
    const of = report.checks.filter((check) => check.id === id);
    const count = (result: string): number => of.filter((check) => check.result === result).length;
    const reasons = new Set(
      of.filter((check) => check.result !== 'PASS').map((check) => generalReason(check.result, check.reason ?? '')),
    );
    return [id, count('PASS'), count('FAIL'), count('NOT_CHECKED'), [...reasons].slice(0, 2)];
  });
  const failures = report.checks.filter((check) => check.result === 'FAIL');
  const lines = failures.slice(0, FAILURES_MAX).map((check) => plain(`FAIL ${check.id} ${check.subject}: ${check.reason}`));
  if (failures.length > FAILURES_MAX) lines.push(`… and ${failures.length - FAILURES_MAX} more; --json lists them all`);
  return [table(['check', 'PASS', 'FAIL', 'NOT_CHECKED', 'why not'], rows), ...lines].join('\n');
}

/** What became of a bundle, in one line, and why, in one sentence. */
export function verdictLine(report: VerificationReport): string {
  const { item, records, verdict, reason, holds, passed, failed, notChecked } = report;
  const outcome = `${item}: ${records.length} records, verdict ${verdict}: ${holds ? 'holds' : 'DOES NOT HOLD'}`;
  return [`${outcome} (${passed} PASS, ${failed} FAIL, ${notChecked} NOT_CHECKED)`, reason].map(plain).join('\n');
}

function generalReason(result: string, reason: string): string {
  const short = reason.length > REASON_LENGTH_MAX ? `${reason.slice(0, REASON_LENGTH_MAX - 3)}...` : reason;
  return `${result === 'FAIL' ? 'FAIL: ' : ''}${short}`;
}

function who(event: AuditedEvent): string {
  return event.actor === '' ? '' : `${event.actor.slice(0, 8)}… (${event.actingFor})`;
}

/** RFC 3339 to the second: enough for a table; JSON output has the exact text. */
function clock(time: string): string {
  return time.replace(
    /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})[.\d]*(Z|[+-]\d{2}:\d{2})?$/,
    (_, date: string, at: string, zone?: string) =>
      `${date} ${at}${zone === undefined || zone === 'Z' || zone === '+00:00' ? 'Z' : zone}`,
  );
}

function evidence(event: AuditedEvent): string {
  if (event.reason !== '') return `${event.verdict}: ${event.reason}`;
  const where = event.onChain ? 'in log, on chain' : event.inLog ? 'in log' : 'pending';
  return event.withheld > 0 ? `${where} (${event.withheld} withheld)` : where;
}
