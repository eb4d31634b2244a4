import { DomainError } from '@countersign/kernel';
import {
  FORK_PROOF_BYTES_MAX,
  parseForkProof,
  parseVerifierKey,
  proveFork,
  type Checkpoint,
  type Fork,
  type ForkProof,
  type NoteKey,
} from '@countersign/merkle';
import { parseTrust, TRUST_BYTES_MAX, Unreadable } from '@countersign/verifier';
import { readUpTo, writePrivately } from '../files.js';
import { plain } from '../terminal.js';
import { printJson, type ExitCode } from './exit.js';

export interface ForkProofOptions {
  readonly trust?: string;
  readonly key: readonly string[];
  /** Address of a witness whose evidence is fetched into the file first. */
  readonly from?: string;
  readonly origin?: string;
  readonly json?: boolean;
}

/** `fork-proof <file>`: 0 only if it proves that a log whose key is pinned signed two trees; from files alone unless `--from` is given. */
export async function forkProofCommand(file: string, options: ForkProofOptions): Promise<ExitCode> {
  const keys = pinnedKeys(options);
  if (options.from !== undefined) {
    const { fetchForkProof } = await import('../fetch-fork-proof.js');
    const text = await fetchForkProof(options.from, options.origin);
    if (text === undefined) return answer(options, { proven: false, reason: 'the witness holds no fork proof of that log' });
    writePrivately(file, Buffer.from(text));
  }
  const proof = read(file);
  try {
    return answer(options, { proven: true, fork: proveFork(proof, keys) });
  } catch (error) {
    if (error instanceof DomainError) return answer(options, { proven: false, reason: error.message });
    throw error;
  }
}

type Result = { readonly proven: true; readonly fork: Fork } | { readonly proven: false; readonly reason: string };

function answer({ json }: ForkProofOptions, result: Result): ExitCode {
  if (json === true) printJson(result.proven ? { proven: true, ...described(result.fork) } : result);
  else process.stdout.write(result.proven ? table(result.fork) : `NOT PROVEN: ${plain(result.reason)}\n`);
  return result.proven ? 0 : 1;
}

function table(fork: Fork): string {
  const { origin, kind, first, second } = fork;
  const how =
    kind === 'same-size'
      ? `it signed two roots of ${first.size} entries`
      : `the tree that it signed at ${second.size} entries does not begin with the one that it signed at ${first.size}`;
  const rows = [first, second].map(({ size, root }) => `  size ${size}  root ${Buffer.from(root).toString('hex')}\n`);
  return `FORK of ${plain(origin)}: ${how}\n${rows.join('')}`;
}

function described({ origin, kind, first, second }: Fork): object {
  const head = ({ size, root }: Checkpoint): object => ({ size, root: Buffer.from(root).toString('hex') });
  return { origin, kind, first: head(first), second: head(second) };
}

function read(file: string): ForkProof {
  const bytes = readUpTo(file, FORK_PROOF_BYTES_MAX, 'the fork proof');
  try {
    return parseForkProof(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Unreadable(`${file} is no fork proof`, { cause: error });
  }
}

/** The reader's own keys; none is taken from the evidence. */
function pinnedKeys({ trust, key }: ForkProofOptions): readonly NoteKey[] {
  const texts = trust === undefined ? [] : parseTrust(readUpTo(trust, TRUST_BYTES_MAX, 'the trust file')).logs.map(keyOf);
  if (texts.length + key.length === 0) throw new Unreadable('pin the keys of the log with --trust or --key');
  return [...texts, ...key].map((text) => {
    try {
      return parseVerifierKey(text);
    } catch (error) {
      throw new Unreadable('--key takes the verifier key of a log: <name>+<id>+<base64>', { cause: error });
    }
  });
}

function keyOf({ verifierKey }: { readonly verifierKey: string }): string {
  return verifierKey;
}
