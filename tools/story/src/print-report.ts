import { dossierTable, platformTable } from '@countersign/cli';
import type { TamperDrill } from './drills/tamper.js';
import { printQuarter } from './print-quarter.js';
import type { StoryReport } from './story-report.js';

/** The report as an auditor would want to see it: tables of plain text. */
export function printReport(report: StoryReport, write: (text: string) => void): void {
  write(`\nAudit of ${report.dossier.item}: every event, where it stands, who, when (three clocks), label, evidence\n`);
  write(`${dossierTable(report.dossier)}\n`);
  write(`${report.dossier.events.length} events, ${report.dossier.holds ? 'all hold' : 'DOES NOT HOLD'}\n`);
  printDrill(report.tamperDrill, write);
  const { offlineCheck } = report;
  write(`\nOffline check of the proof bundle: ${offlineCheck.isolation}\n`);
  write(
    `  ${offlineCheck.passed} PASS, ${offlineCheck.failed} FAIL, ${offlineCheck.notChecked} NOT_CHECKED, exit code ${offlineCheck.exitCode}\n`,
  );
  if (report.quarter !== undefined) printQuarter(report.quarter, write);
  if (report.quarterTrace !== undefined) {
    const { item, records, holds } = report.quarterTrace;
    write(`  traced ${item}: ${records} records, proof verified offline: ${yes(holds)}\n`);
  }
  write('\nAudit of every log as a whole\n');
  write(`${platformTable(report.platform)}\n`);
  write(`\n${report.holds ? 'Everything came out as it must' : 'NOT EVERYTHING CAME OUT AS IT MUST'}`);
  write(` (${report.seconds.toFixed(0)} s, ${report.memoryMiB} MiB in all processes)\n`);
}

function printDrill({ on, log, position, byte, named, restored, holds }: TamperDrill, write: (text: string) => void): void {
  const changed = `bit 0 of byte ${byte} of the record ${log}#${position} was changed`;
  write(
    on === 'database'
      ? `\nTamper drill: as superuser of the database, ${changed}\n`
      : `\nTamper drill on a copy of the dossier: ${changed}; the given database was not touched\n`,
  );
  write(`  the audit named: ${named.join(', ') || 'nothing'}; exactly that record, everything else passed: ${yes(holds)}\n`);
  write(`  then it was restored; all passes again: ${yes(restored)}\n`);
}

function yes(holds: boolean): string {
  return holds ? 'yes' : 'NO';
}
