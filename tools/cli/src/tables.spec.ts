import { describe, expect, it } from '@jest/globals';
import type { VerificationReport } from '@countersign/verifier';
import { table, verdictLine, verificationTable } from './tables.js';
import { plain } from './terminal.js';

function reportOf(failures: number, item = 'uii U1'): VerificationReport {
  return {
    method: 'countersign-verify/1',
    item,
    verdict: 'ALTERED',
    reason: 'The check inclusion\nfailed.',
    holds: false,
    policyId: '00',
    bundle: '00',
    trust: '00',
    checks: Array.from({ length: failures }, (_, at) => ({
      id: 'inclusion' as const,
      subject: `log#${at}\u001b[1A`,
      result: 'FAIL' as const,
      verdict: 'ALTERED' as const,
      reason: 'one\ntwo',
    })),
    records: [],
    passed: 0,
    failed: failures,
    notChecked: 0,
  };
}

describe('text of others', () => {
  it.each([
    ['escape sequences', '\u001b[31mred', '\\u{1b}[31mred'],
    ['line breaks', 'a\r\nb\u2028c', 'a\\u{d}\\u{a}b\\u{2028}c'],
    ['the other direction', 'a\u202eb\u2066', 'a\\u{202e}b\\u{2066}'],
    ['what has no width', 'a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
    ['a lone surrogate', 'a\ud800', 'a\\u{d800}'],
    ['letters of any script', 'żółć 部品 🙂', 'żółć 部品 🙂'],
  ])('shows %s', (_name, text, shown) => {
    expect(plain(text)).toBe(shown);
  });

  it('stays in its cell', () => {
    expect(table(['a', 'b'], [['x\ny', ['1', '2\u001b']]]).split('\n')).toHaveLength(4);
  });

  it('cannot add a line to a report', () => {
    const lines = verificationTable(reportOf(1)).split('\n');
    expect(lines.at(-1)).toBe('FAIL inclusion log#0\\u{1b}[1A: one\\u{a}two');
    expect(lines).toHaveLength(4);
    expect(verdictLine(reportOf(1, 'uii U1\nuii U1: holds')).split('\n')).toHaveLength(2);
  });

  it('spells out a hundred failures and counts the rest', () => {
    const lines = verificationTable(reportOf(10_000)).split('\n');
    expect(lines).toHaveLength(104);
    expect(lines.at(-1)).toContain('9900 more');
  });
});
