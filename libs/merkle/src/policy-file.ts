import { DomainError } from '@countersign/kernel';
import { parseCosignerKey, parseVerifierKey, type CosignerKey, type NoteKey } from './verifier-key.js';

/** Far more than the 32 logs, witnesses and groups that C2SP tlog-policy asks an implementation to read. */
const POLICY_CHARACTERS_MAX = 65_536;
const POLICY_LINES_MAX = 1_000;

/** Predefined; it can be the quorum, and names nothing else. */
const NONE = 'none';

export interface PolicyLog {
  readonly key: NoteKey;
  readonly url?: string;
}

export interface PolicyWitness {
  /** Of this file only; the witness signs under its key's name. */
  readonly name: string;
  readonly key: CosignerKey;
  readonly url?: string;
}

export interface PolicyGroup {
  readonly name: string;
  /** How many members have to count, 1 to all of them. */
  readonly threshold: number;
  /** Witnesses and groups defined before it. */
  readonly members: readonly string[];
}

/** A witness policy (C2SP tlog-policy), made by `parsePolicy` only: what it checked holds. */
export interface WitnessPolicy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly groups: readonly PolicyGroup[];
  /** Witness or group; undefined if the file says `quorum none`. */
  readonly quorum: string | undefined;
}

/**
 * Reads a policy file (C2SP tlog-policy), strictly: whatever is not understood refuses the whole file, so that no witness is left
 * out silently. Narrower than the format in three points: the file is UTF-8, witnesses have Ed25519 cosigner keys (type 0x04), and
 * no key is both a log's and a witness's.
 *
 * @throws DomainError POLICY_INVALID; the rule begins with the number of the line
 */
export function parsePolicy(text: string): WitnessPolicy {
  requireText(text);
  const lines = text.split('\n');
  lines.pop();
  if (lines.length > POLICY_LINES_MAX) throw invalid(`has at most ${POLICY_LINES_MAX} lines`);
  const reader = new PolicyReader();
  for (const [index, line] of lines.entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words[0] === undefined || words[0].startsWith('#')) continue;
    reader.at = index + 1;
    reader.read(words);
  }
  return reader.end();
}

/** What the lines so far define. */
class PolicyReader {
  /** Number of the line that is read, from 1. */
  at = 0;
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #groups: PolicyGroup[] = [];
  /** Witnesses and groups share one namespace. */
  readonly #names = new Set<string>([NONE]);
  /** Each name is a member once at most: no witness contributes in two ways. */
  readonly #members = new Set<string>();
  readonly #keys = new Set<string>();
  #quorum: string | undefined;

  read([keyword, ...words]: readonly string[]): void {
    switch (keyword) {
      case 'log':
        return this.#log(words);
      case 'witness':
        return this.#witness(words);
      case 'group':
        return this.#group(words);
      case 'quorum':
        return this.#readQuorum(words);
      default:
        throw this.#refused('must begin with log, witness, group or quorum');
    }
  }

  end(): WitnessPolicy {
    const quorum = this.#quorum;
    if (quorum === undefined) throw invalid('has no quorum line');
    return {
      logs: this.#logs,
      witnesses: this.#witnesses,
      groups: this.#groups,
      quorum: quorum === NONE ? undefined : quorum,
    };
  }

  #log([text, url, ...rest]: readonly string[]): void {
    if (text === undefined || rest.length > 0) throw this.#refused('must be log <vkey> [<url>]');
    const key = this.#pinned(text, parseVerifierKey);
    this.#logs.push(url === undefined ? { key } : { key, url });
  }

  #witness([name, text, url, ...rest]: readonly string[]): void {
    if (name === undefined || text === undefined || rest.length > 0) throw this.#refused('must be witness <name> <vkey> [<url>]');
    const key = this.#pinned(text, parseCosignerKey);
    this.#define(name);
    this.#witnesses.push(url === undefined ? { name, key } : { name, key, url });
  }

  #group([name, rule, ...members]: readonly string[]): void {
    if (name === undefined || rule === undefined || members.length === 0)
      throw this.#refused('must be group <name> <all|any|k> <member>...');
    const threshold = this.#threshold(rule, members.length);
    for (const member of members) {
      this.#requireDefined(member, 'a group');
      if (this.#members.has(member)) throw this.#refused('a name is a member once only');
      this.#members.add(member);
    }
    this.#define(name);
    this.#groups.push({ name, threshold, members });
  }

  #readQuorum([name, ...rest]: readonly string[]): void {
    if (name === undefined || rest.length > 0) throw this.#refused('must be quorum <name>');
    if (this.#quorum !== undefined) throw this.#refused('there is a quorum already');
    if (name !== NONE) this.#requireDefined(name, 'the quorum');
    this.#quorum = name;
  }

  #threshold(rule: string, members: number): number {
    if (rule === 'all') return members;
    if (rule === 'any') return 1;
    const threshold = Number(rule);
    if (!/^[1-9][0-9]{0,3}$/.test(rule) || threshold > members)
      throw this.#refused('the threshold is all, any, or a number from 1 to that of its members');
    return threshold;
  }

  #pinned<Key extends NoteKey | CosignerKey>(text: string, parse: (text: string) => Key): Key {
    let key: Key;
    try {
      key = parse(text);
    } catch (error) {
      if (error instanceof DomainError) throw this.#refused(error.detail.rule ?? 'the key is not acceptable', error);
      throw error;
    }
    // The same public key under two names would count twice, for cosignatures do not hold the name.
    const raw = key.raw.toString('hex');
    if (this.#keys.has(raw)) throw this.#refused('this public key stands in an earlier line');
    this.#keys.add(raw);
    return key;
  }

  #define(name: string): void {
    if (this.#names.has(name)) throw this.#refused('this name is taken');
    this.#names.add(name);
  }

  #requireDefined(name: string, by: string): void {
    if (name === NONE || !this.#names.has(name)) throw this.#refused(`${by} can only name what earlier lines define`);
  }

  #refused(rule: string, cause?: unknown): DomainError {
    return invalid(`line ${this.at}: ${rule}`, cause);
  }
}

function requireText(text: string): void {
  if (text.length > POLICY_CHARACTERS_MAX) throw invalid(`has at most ${POLICY_CHARACTERS_MAX} characters`);
  if (!text.endsWith('\n')) throw invalid('every line ends with a newline');
  // eslint-disable-next-line no-control-regex -- C2SP tlog-policy, "Character set": no control character but tab and newline
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text) || !text.isWellFormed()) throw invalid('holds a forbidden character');
}

function invalid(rule: string, cause?: unknown): DomainError {
  return new DomainError('POLICY_INVALID', { field: 'policy', rule }, cause === undefined ? undefined : { cause });
}
