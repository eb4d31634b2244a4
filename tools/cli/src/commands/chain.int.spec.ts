import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deployRegistry } from '@countersign/chain';
import { testAddresses } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { approveCommand, membersCommand, proposalCommand, proposeCommand } from './chain.js';

describe('countersign chain', () => {
  let folder: string;
  const file = (name: string): string => path.join(folder, name);
  const printed: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'countersign-chain-'));
    const deployerKey = randomBytes(32);
    const { contract } = await deployRegistry({ rpcUrl: testAddresses.chainRpcUrl, deployerKey });
    writeFileSync(file('member.key'), `0x${deployerKey.toString('hex')}\n`);
    const chain = { rpcUrl: testAddresses.chainRpcUrl, contract };
    const addresses = { identity: '127.0.0.1:1', anchoring: '127.0.0.1:1', sources: {} };
    writeFileSync(file('profile.json'), JSON.stringify({ version: 1, principalId: 'x', keyFile: 'x', ...addresses, chain }));
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  });
  afterAll(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows the members, and decides what a file spells out', async () => {
    const [profile, key] = [file('profile.json'), file('member.key')];
    const joining = `0x${'c'.repeat(40)}`;
    expect(await membersCommand({ profile })).toBe(0);
    expect(printed.join('')).toContain('membership 1: 1 of 1 members decide');
    const change = { kind: 'membership', joining: [joining], leaving: [], approvalsNeeded: 2, quorumMin: 1 };
    writeFileSync(file('change.json'), JSON.stringify(change));
    expect(await proposeCommand(file('change.json'), { profile, key, days: '30' })).toBe(0);
    const id = /proposal ([0-9a-f]{64})/.exec(printed.join(''))?.[1] ?? '';
    printed.length = 0;
    expect(await proposalCommand(id, { profile })).toBe(0);
    expect(printed.join('').toLowerCase()).toMatch(new RegExp(`joins: ${joining}[^]*1 approval, in effect`));
    expect(await membersCommand({ profile })).toBe(0);
    expect(printed.join('')).toContain('membership 2: 2 of 2 members decide; logs need at least 1');
    await expect(approveCommand(id, { profile, key })).rejects.toMatchObject({ code: 'CHAIN_REFUSED' });
  });

  it('refuses what is no key, no proposal and no number of days', async () => {
    const [profile, key] = [file('profile.json'), file('member.key')];
    await expect(proposeCommand(file('change.json'), { profile, key: profile, days: '7' })).rejects.toThrow('64 hex digits');
    await expect(proposeCommand(file('change.json'), { profile, key, days: '31' })).rejects.toThrow('--days');
    await expect(proposalCommand('7', { profile })).rejects.toThrow('64 hex digits');
    await expect(proposalCommand('7'.repeat(64), { profile })).rejects.toThrow('nobody proposed');
  });
});
