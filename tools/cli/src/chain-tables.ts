import type { MembersChange, MembersListing, MembersProposal } from '@countersign/chain';
import { table } from './tables.js';
import { plain } from './terminal.js';

/** Who decides about the registry, and by which rules. */
export function membersTable(identity: string, { members, approvalsNeeded, quorumMin, version }: MembersListing): string {
  const rows = members.map(({ account, attester }) => [account, attester]);
  const least =
    quorumMin === 0 ? 'logs without attestations are allowed (as on a development chain)' : `logs need at least ${quorumMin}`;
  return [
    table(['member', 'attests with'], rows),
    plain(`${identity}, membership ${version}: ${approvalsNeeded} of ${members.length} members decide; ${least}`),
  ].join('\n');
}

/** A proposal as whoever approves it must read it: all that it changes. */
export function proposalLines({ id, change, approvals, enacted, expiry, version }: MembersProposal): string {
  const until = new Date(Number(expiry) * 1000).toISOString();
  const state = enacted ? 'in effect' : `not in effect; can be approved until ${until}, while the membership is ${version}`;
  return [
    `proposal ${hex(id)}`,
    ...changeLines(change).map((line) => `  ${line}`),
    `${approvals} approval${approvals === 1 ? '' : 's'}, ${state}`,
  ]
    .map(plain)
    .join('\n');
}

function changeLines(change: MembersChange): string[] {
  switch (change.kind) {
    case 'membership':
      return [
        ...change.joining.map((account) => `joins: ${account}`),
        ...change.leaving.map((account) => `leaves: ${account}`),
        `members that decide: ${change.approvalsNeeded}`,
        `least quorum of a log: ${change.quorumMin}`,
      ];
    case 'publisher':
      return [...change.logIds.map((logId) => `log: ${hex(logId)}`), `publisher from then on: ${change.publisher}`];
    case 'quorum':
      return [
        `log: ${hex(change.logId)}`,
        ...change.attesters.map((account) => `may attest: ${account}`),
        `attestations that a head needs: ${change.threshold}`,
      ];
    case 'closing':
      return [
        `log: ${hex(change.logId)}`,
        `closed at size: ${change.size}`,
        `continued by: ${change.successor.every((byte) => byte === 0) ? 'no log' : hex(change.successor)}`,
      ];
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
