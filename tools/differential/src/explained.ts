import { isObject, sortedJson, type Json } from './json.js';

type Members = { [name: string]: Json };

/**
 * Whether everything in which an accepted bundle differs from one that holds stands in a part that every verifier reports
 * NOT_CHECKED (bundle.md §3 and §4): the label, assertions about the chain, signature lines of other keys, what was withheld, and what
 * was left out where no item head speaks of it. Written from the page alone; nothing of a verifier decides it.
 *
 * @param truth content of the bundle that holds
 * @param accepted content that a verifier accepted
 * @param seenSizes sizes of the heads that the trust file remembers
 */
export function isExplained(truth: Members, accepted: Members, seenSizes: readonly string[] = []): boolean {
  const logs = new Map(listOf(accepted['logs']).map((log) => [log['logId'], log]));
  const shown = listOf(accepted['streams']);
  return (
    shown.length > 0 &&
    [...logs.values()].every((log) => listOf(truth['logs']).some((other) => isLogOf(other, log, seenSizes))) &&
    shown.every((stream) => listOf(truth['streams']).some((other) => isStreamOf(other, stream, hasMap(logs, stream)))) &&
    listOf(accepted['absences']).every((absence) => isAbsenceOf(truth, absence, hasMap(logs, absence))) &&
    same(without(accepted, ['item', 'logs', 'streams', 'absences']), without(truth, ['item', 'logs', 'streams', 'absences']))
  );
}

function hasMap(logs: ReadonlyMap<Json | undefined, Members>, { logId }: Members): boolean {
  return isObject(logs.get(logId)?.['heads']);
}

function isLogOf(genuine: Members, log: Members, seenSizes: readonly string[]): boolean {
  const parts = ['anchored', 'checkpoint', 'earlier', 'heads'];
  return (
    same(without(log, parts), without(genuine, parts)) &&
    same(signedText(log), signedText(genuine)) &&
    isHeadOf(genuine['anchored'], log['anchored']) &&
    areHeadsOf(genuine['heads'], log['heads']) &&
    listOf(log['earlier']).every((head) => isEarlierOf(genuine, head, seenSizes))
  );
}

/** A chain's head may be left out; what it says beyond chain, size and root is asserted. */
function isHeadOf(genuine: Json | undefined, head: Json | undefined): boolean {
  const named = (anchored: Members): Json => ['chain', 'size', 'root'].map((name) => anchored[name] ?? null);
  return !isObject(head) || (isObject(genuine) && same(named(head), named(genuine)));
}

function areHeadsOf(genuine: Json | undefined, heads: Json | undefined): boolean {
  if (!isObject(heads)) return true;
  return (
    isObject(genuine) &&
    same(without(heads, ['checkpoint']), without(genuine, ['checkpoint'])) &&
    same(signedText(heads), signedText(genuine))
  );
}

/** An earlier head without checkpoint says nothing, unless its size is one that the trust file remembers. */
function isEarlierOf(genuine: Members, head: Members, seenSizes: readonly string[]): boolean {
  const known = listOf(genuine['earlier']).find(({ size }) => size === head['size']);
  if (known !== undefined && same(known['path'] ?? null, head['path'] ?? null)) {
    if (head['checkpoint'] === undefined) return true;
    if (known['checkpoint'] !== undefined) return same(signedText(head), signedText(known));
  }
  // The base checkpoint extends itself.
  if (head['checkpoint'] !== undefined) return same(signedText(head), signedText(genuine)) && same(head['path'] ?? null, []);
  return !seenSizes.some((size) => size === head['size']);
}

/** Text and first signature line of a checkpoint: the lines of cosigners may come and go while a quorum of them stays. */
function signedText({ checkpoint }: Members): Json {
  const [origin = '', ...lines] = (typeof checkpoint === 'string' ? checkpoint : '').split('\n');
  const own = lines.filter((line) => line.startsWith(`— ${origin} `));
  return [origin, ...lines.slice(0, 3), ...own];
}

function isStreamOf(genuine: Members, stream: Members, logHasMap: boolean): boolean {
  const records = listOf(stream['records']);
  const known = listOf(genuine['records']);
  const isHeaded = logHasMap && stream['head'] !== undefined;
  return (
    same(without(stream, ['records', 'head']), without(genuine, ['records', 'head'])) &&
    (!isHeaded || (same(stream['head'] ?? null, genuine['head'] ?? null) && records.length === known.length)) &&
    records.length > 0 &&
    records.every((record, at) => isRecordOf(known[at], record))
  );
}

function isRecordOf(genuine: Members | undefined, record: Members): boolean {
  if (genuine === undefined) return false;
  return (
    same(without(record, ['anchoredTime', 'disclosures']), without(genuine, ['anchoredTime', 'disclosures'])) &&
    textsOf(record['disclosures']).every((disclosure) => textsOf(genuine['disclosures']).includes(disclosure))
  );
}

/** Without an item map only the item key of an absent stream is checked. */
function isAbsenceOf(truth: Members, absence: Members, logHasMap: boolean): boolean {
  if (logHasMap) return listOf(truth['absences']).some((genuine) => same(genuine, absence));
  const named = without(absence, ['proof']);
  return [...listOf(truth['absences']), ...listOf(truth['streams'])].some((genuine) =>
    same(without(genuine, ['proof', 'records', 'head']), named),
  );
}

function without(members: Members, names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}

function listOf(value: Json | undefined): Members[] {
  return Array.isArray(value) ? value.filter((element) => isObject(element)) : [];
}

function textsOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function same(one: Json, other: Json): boolean {
  return sortedJson(one) === sortedJson(other);
}
