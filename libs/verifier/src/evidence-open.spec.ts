import { describe, expect, it } from '@jest/globals';
import { sealBundle } from './bundle-file.js';
import { bundleCases } from './testing/bundle-cases.js';
import { AT, buildEvidence, earlierHead, ITEM, OWN } from './evidence.builders.js';
import type { Bundle } from './bundle.js';
import type { CheckResult, VerificationReport } from './report.js';
import { Unreadable } from './unreadable.js';
import { verifyBundle } from './verify-bundle.js';
import { ORIGIN, type Writable } from './bundle.builders.js';

/** What a verifier must not pass over in silence: NOT_CHECKED is never PASS. */

const cases = bundleCases();

function reportOf(name: string): VerificationReport {
  const found = cases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no case ${name}`);
  return verifyBundle(found.bundle, Buffer.from(found.trust), { at: found.at });
}

function changed(change: (bundle: Writable<Bundle>) => unknown, evidence = buildEvidence()): VerificationReport {
  const copy = JSON.parse(JSON.stringify(evidence.bundle)) as Writable<Bundle>;
  change(copy);
  return verifyBundle(sealBundle(copy), Buffer.from(JSON.stringify(evidence.trust)), { at: AT });
}

/** Left out of canonical JSON. */
const STRIPPED = { anchoredTime: undefined };

function resultsOf({ checks }: VerificationReport, id: string, subject: string): CheckResult[] {
  return checks.filter((check) => check.id === id && check.subject === subject).map(({ result }) => result);
}

describe('what is left open', () => {
  const honest = reportOf('all evidence');

  it('is nothing that the evidence proves', () => {
    for (const id of ['key-history', 'witness-quorum', 'freshness', 'item-heads', 'map-quorum', 'checkpoint-signature'])
      expect([id, resultsOf(honest, id, ORIGIN)]).toEqual([id, ['PASS']]);
    expect(resultsOf(honest, 'consistency', ORIGIN)).toEqual(['PASS', 'PASS']);
    for (const streamId of [ITEM, OWN]) expect(resultsOf(honest, 'completeness', `${ORIGIN} ${streamId}`)).toEqual(['PASS']);
    expect(resultsOf(honest, 'absence', `${ORIGIN} asset/U9`)).toEqual(['PASS']);
    expect(resultsOf(honest, 'erasure', `${ORIGIN}#6`)).toEqual(['PASS']);
  });

  it('is said of lines that nobody pinned, wherever they stand', () => {
    expect(resultsOf(reportOf('a cosignature of a stranger'), 'checkpoint-signature', ORIGIN)).toEqual(['PASS', 'NOT_CHECKED']);
    const report = changed((b) => {
      const line = '— stranger.example AAAAAAAA\n';
      b.logs[0]!.earlier![1]!.checkpoint += line;
      b.logs[0]!.heads!.checkpoint += line;
    });
    expect(report.verdict).toBe('OK');
    expect(resultsOf(report, 'consistency', ORIGIN)).toEqual(['PASS', 'PASS', 'NOT_CHECKED']);
    expect(resultsOf(report, 'item-heads', ORIGIN)).toEqual(['PASS', 'NOT_CHECKED']);
  });

  it('is said of everything that an undemanding trust file does not ask for', () => {
    const report = reportOf('a trust file that asks for nothing');
    for (const id of ['witness-quorum', 'freshness', 'map-quorum'])
      expect([id, resultsOf(report, id, ORIGIN)]).toEqual([id, ['NOT_CHECKED']]);
    expect(resultsOf(report, 'consistency', ORIGIN)[0]).toBe('NOT_CHECKED');
    expect(resultsOf(report, 'completeness', `${ORIGIN} ${ITEM}`)).toEqual(['NOT_CHECKED']);
    expect(report.mapPolicyId).toBeUndefined();
  });

  it('is said of age, without a time to judge by', () => {
    expect(resultsOf(reportOf('all evidence, no time to judge by'), 'freshness', ORIGIN)).toEqual(['NOT_CHECKED']);
  });

  it('is said of completeness, if no map checker vouches for the map or there is no map', () => {
    for (const name of ['no map checker cosigned', 'no item heads yet', 'an operator as his own map checker']) {
      const report = reportOf(name);
      expect([name, resultsOf(report, 'completeness', `${ORIGIN} ${ITEM}`)]).toEqual([name, ['NOT_CHECKED']]);
      expect([name, resultsOf(report, 'absence', `${ORIGIN} asset/U9`)]).toEqual([name, ['NOT_CHECKED']]);
    }
  });

  it('is said of completeness, if a record does not stand where it belongs', () => {
    for (const name of ['another leaf index', 'a header that is none', 'a bare record before its predecessor'])
      expect([name, resultsOf(reportOf(name), 'completeness', `${ORIGIN} ${ITEM}`)]).toEqual([name, ['NOT_CHECKED']]);
  });

  it('is said of a consistency proof from a size that nobody remembers', () => {
    const { log } = buildEvidence();
    const report = changed((b) => Object.assign(b.logs[0]!, { earlier: [earlierHead(log, 3), earlierHead(log, 5)] }));
    expect(resultsOf(report, 'consistency', ORIGIN)).toEqual(['PASS', 'NOT_CHECKED']);
  });

  it('is said of a record that is bare, and of what is redacted', () => {
    expect(resultsOf(honest, 'record-header', `${ORIGIN}#3`)).toEqual(['NOT_CHECKED']);
    const redacted = reportOf('the disclosures of a record, redacted');
    expect(redacted.records.find(({ index }) => index === 5)).toMatchObject({ withheld: 2, erased: 0, verdict: 'OK' });
  });

  it('is said of an erasure of what is given, or of what is not in the bundle', () => {
    const given = reportOf('an erasure of a disclosure that is given');
    expect(resultsOf(given, 'erasure', `${ORIGIN}#6`)).toEqual(['NOT_CHECKED']);
    expect(given.records.find(({ index }) => index === 1)).toMatchObject({ withheld: 1, erased: 0, verdict: 'OK' });
    const elsewhere = changed((b) => (b.streams = b.streams.slice(1)));
    expect(resultsOf(elsewhere, 'erasure', `${ORIGIN}#6`)).toEqual(['NOT_CHECKED']);
  });
});

describe('a time to judge by', () => {
  it('is one', () => {
    const { bundle, trust } = buildEvidence();
    expect(() => verifyBundle(sealBundle(bundle), Buffer.from(JSON.stringify(trust)), { at: 'today' })).toThrow(Unreadable);
  });
});

describe('anchored times', () => {
  it('are called assertions where there are any', () => {
    const none = changed((b) => b.streams.forEach(({ records }) => records.forEach((record) => Object.assign(record, STRIPPED))));
    expect(resultsOf(reportOf('all evidence'), 'chain-head', `${ORIGIN} ${ITEM}`)).toEqual(['NOT_CHECKED']);
    expect(resultsOf(none, 'chain-head', `${ORIGIN} ${ITEM}`)).toEqual([]);
  });
});

describe('an erased record', () => {
  it('reads ERASED_OK, and nothing of it is withheld', () => {
    const report = reportOf('all evidence');
    expect(report.records.find(({ index }) => index === 1)).toMatchObject({ withheld: 0, erased: 1, verdict: 'ERASED_OK' });
    expect(resultsOf(report, 'disclosures', `${ORIGIN}#1`)).toEqual(['PASS']);
  });

  it('stays withheld while another disclosure of it is missing, and is not erased by a record that is not proven', () => {
    const both = changed((b) => Object.assign(b.streams[0]!.records[0]!, { disclosures: [] }));
    expect(both.records.find(({ index }) => index === 1)).toMatchObject({ withheld: 1, erased: 1, verdict: 'OK' });
    const forged = reportOf('an erasure in a record that is not in the log');
    expect(forged.records.find(({ index }) => index === 1)).toMatchObject({ withheld: 1, erased: 0, verdict: 'OK' });
  });

  it('is found by a failing check that names the leaf and the event', () => {
    const [failure] = reportOf('an erasure of a disclosure that the record does not have').checks.filter(
      ({ result }) => result === 'FAIL',
    );
    expect(failure).toMatchObject({ id: 'erasure', leaf: 6, eventId: '019a0000-0000-7000-8000-000000000106' });
  });
});

describe('a failing check', () => {
  it.each([
    ['a withheld last record', 'completeness', 5],
    ['an item head that was not advanced', 'completeness', 7],
    ['a withheld middle record', 'stream-order', 5],
    ['a bare record a second time', 'stream-order', 3],
    ['one byte of a header', 'inclusion', 5],
  ])('of %s names the leaf: %s', (name, id, leaf) => {
    const found = reportOf(name).checks.find((check) => check.id === id && check.result === 'FAIL');
    expect(found).toMatchObject({ leaf });
  });
});
