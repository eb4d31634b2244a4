import { readFileSync } from 'node:fs';
import { Unreadable, verifyBundle } from '@countersign/verifier';
import { verificationTable } from '../tables.js';
import { printJson, type ExitCode } from './exit.js';

/** `verify <bundle> --trust <file>`: from files alone; opens no connection. */
export function verifyCommand(bundleFile: string, options: { readonly trust: string; readonly json?: boolean }): ExitCode {
  const report = verifyBundle(read(bundleFile), read(options.trust));
  if (options.json === true) printJson(report);
  else {
    process.stdout.write(`${verificationTable(report)}\n`);
    process.stdout.write(
      `${report.item}: ${report.records.length} records, verdict ${report.verdict}: ${report.holds ? 'holds' : 'DOES NOT HOLD'} `,
    );
    if (report.verdict === 'PENDING')
      process.stdout.write('(proven in the signed logs; what it says of the chain cannot be checked offline) ');
    process.stdout.write(`(${report.passed} PASS, ${report.failed} FAIL, ${report.notChecked} NOT_CHECKED)\n`);
  }
  return report.holds ? 0 : 1;
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch {
    throw new Unreadable(`cannot read ${file}`);
  }
}
