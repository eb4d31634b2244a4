import { BUNDLE_BYTES_MAX, TRUST_BYTES_MAX, verifyBundle } from '@countersign/verifier';
import { readUpTo } from '../files.js';
import { verificationTable, verdictLine } from '../tables.js';
import { printJson, type ExitCode } from './exit.js';

/** `verify <bundle> --trust <file>`: from files alone; opens no connection. */
export function verifyCommand(bundleFile: string, options: { readonly trust: string; readonly json?: boolean }): ExitCode {
  const trust = readUpTo(options.trust, TRUST_BYTES_MAX, 'the trust file');
  const report = verifyBundle(readUpTo(bundleFile, BUNDLE_BYTES_MAX, 'the bundle'), trust);
  if (options.json === true) printJson(report);
  else process.stdout.write(`${verificationTable(report)}\n${verdictLine(report)}\n`);
  return report.holds ? 0 : 1;
}
