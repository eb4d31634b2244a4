import { describe, expect, it } from '@jest/globals';
import { membersTable, proposalLines } from './chain-tables.js';
import { parseChange } from './commands/chain-change.js';

const [USA, NLD] = [`0x${'a'.repeat(40)}`, `0x${'b'.repeat(40)}`];
const LOG = '7'.repeat(64);

describe('what members decide, on a terminal', () => {
  it('is headed by who they are and by which rules they do', () => {
    const members = [USA, NLD].map((account) => ({ account, attester: NLD }));
    const listing = { members, approvalsNeeded: 2, quorumMin: 0, version: 3n };
    const text = membersTable('evm:31337:0x1', listing);
    expect(text).toContain(USA);
    expect(text).toContain('membership 3: 2 of 2 members decide; logs without attestations are allowed');
    expect(membersTable('evm:1:0x1', { ...listing, quorumMin: 1 })).toContain('logs need at least 1');
  });

  it.each<[string, object, RegExp[]]>([
    [
      'a membership',
      { kind: 'membership', joining: [USA], leaving: [NLD], approvalsNeeded: 3, quorumMin: 1 },
      [/joins: 0xa{40}/, /leaves: 0xb{40}/, /members that decide: 3/, /least quorum of a log: 1/],
    ],
    ['a publisher', { kind: 'publisher', logIds: [LOG], publisher: USA }, [/log: 7{64}/, /publisher from then on: 0xa{40}/]],
    [
      'a quorum',
      { kind: 'quorum', logId: LOG, attesters: [USA, NLD], threshold: 2 },
      [/may attest: 0xa{40}/, /may attest: 0xb{40}/, /needs: 2/],
    ],
    ['a closing', { kind: 'closing', logId: LOG, size: 9 }, [/closed at size: 9/, /continued by: no log/]],
    ['a closing with a successor', { kind: 'closing', logId: LOG, size: 9, successor: LOG }, [/continued by: 7{64}/]],
  ])('spells out all of %s', (_, change, lines) => {
    const proposal = { id: Buffer.alloc(32, 1), approvals: 1, enacted: false, version: 2n, expiry: 1_800_000_000n };
    const text = proposalLines({ ...proposal, change: parseChange(JSON.stringify(change)) });
    expect(text).toMatch(/^proposal (01){32}$/m);
    for (const line of lines) expect(text).toMatch(line);
    expect(text).toContain(
      '1 approval, not in effect; can be approved until 2027-01-15T08:00:00.000Z, while the membership is 2',
    );
  });

  it.each<[string, unknown]>([
    ['no object', 7],
    ['no kind', {}],
    ['an unknown kind', { kind: 'owner', account: USA }],
    ['one field more', { kind: 'publisher', logIds: [LOG], publisher: USA, epoch: 1 }],
    ['no account', { kind: 'publisher', logIds: [LOG], publisher: '0x1' }],
    ['no log', { kind: 'publisher', logIds: [], publisher: USA }],
    ['a log id in capitals', { kind: 'closing', logId: LOG.replace('7', 'A'), size: 1 }],
    ['size 0', { kind: 'closing', logId: LOG, size: 0 }],
    ['a size that is no whole number', { kind: 'closing', logId: LOG, size: 1.5 }],
    ['a threshold below 0', { kind: 'quorum', logId: LOG, attesters: [], threshold: -1 }],
  ])('is not read from a file with %s', (_, value) => {
    expect(() => parseChange(JSON.stringify(value))).toThrow('the change breaks its schema');
  });

  it('is not read from what is no JSON', () => {
    expect(() => parseChange('kind: closing')).toThrow('not JSON');
  });
});
