import { createPrivateKey, type KeyObject } from 'node:crypto';
import { BUNDLE_BYTES_MAX, signReport, TRUST_BYTES_MAX, Unreadable, verifyBundle } from '@countersign/verifier';
import { readUpTo } from '../files.js';
import { verificationTable, verdictLine } from '../tables.js';
import { printJson, type ExitCode } from './exit.js';

const KEY_BYTES_MAX = 64 * 1024;

export interface VerifyCommandOptions {
  readonly trust: string;
  /** Time by which the age of the evidence is judged. */
  readonly at?: string;
  readonly json?: boolean;
  /** Ed25519 private key (PKCS#8 PEM) that signs the report. */
  readonly sign?: string;
}

/** `verify <bundle> --trust <file>`: from files alone; opens no connection. */
export function verifyCommand(bundleFile: string, options: VerifyCommandOptions): ExitCode {
  const trust = readUpTo(options.trust, TRUST_BYTES_MAX, 'the trust file');
  const key = options.sign === undefined ? undefined : readKey(options.sign);
  const report = verifyBundle(readUpTo(bundleFile, BUNDLE_BYTES_MAX, 'the bundle'), trust, { at: options.at });
  if (key !== undefined) process.stdout.write(`${signReport(report, key).toString('utf8')}\n`);
  else if (options.json === true) printJson(report);
  else process.stdout.write(`${verificationTable(report)}\n${verdictLine(report)}\n`);
  return report.holds ? 0 : 1;
}

function readKey(file: string): KeyObject {
  const pem = readUpTo(file, KEY_BYTES_MAX, 'the signing key');
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('it is of another kind');
    return key;
  } catch (error) {
    throw new Unreadable(`the signing key ${file} is no Ed25519 private key in PEM`, { cause: error });
  }
}
