import { describe, expect, it } from '@jest/globals';
import { auditPlatform } from './audit-platform.js';
import { leavesOf, platformOf, TRUST, type Lies } from './platform.builders.js';

const leaves = leavesOf(4);

function audit(lies: Lies = {}, trust = TRUST): ReturnType<typeof auditPlatform> {
  return auditPlatform(platformOf(leaves, lies), trust);
}

describe('the audit of a platform', () => {
  it('holds if everybody agrees', async () => {
    const { holds, logs } = await audit();
    expect(holds).toBe(true);
    expect(logs).toMatchObject([{ committed: 4, sound: 4, chain: 'PASS' }]);
  });

  it('says NOT_CHECKED, not FAIL, before anything is on chain', async () => {
    expect(await audit({ chainSize: 0 })).toMatchObject({ holds: true, logs: [{ chain: 'NOT_CHECKED' }] });
  });

  it.each<[string, Lies]>([
    ['a chain that lost its heads', { chainSize: 0, confirmedSize: 4 }],
    ['a chain that was set back', { chainSize: 2, confirmedSize: 4 }],
    ['another chain than the pinned one', { chainIdentity: 'evm:31337:0x00' }],
  ])('fails for %s', async (_name, lies) => {
    expect(await audit(lies)).toMatchObject({ holds: false, logs: [{ chain: 'FAIL' }] });
  });

  it.each<[string, Lies]>([
    ['no source at all', { sources: [] }],
    ['one log behind two names', { sources: ['inventory', 'procurement'] }],
  ])('never calls it "all logs" with %s', async (_name, lies) => {
    await expect(audit(lies)).rejects.toThrow('log');
  });

  it('refuses to leave out a log that the trust file pins', async () => {
    const unserved = { ...TRUST.logs[0]!, origin: 'example.org/other', logId: 'ab'.repeat(32) };
    await expect(audit({}, { ...TRUST, logs: [...TRUST.logs, unserved] })).rejects.toThrow('example.org/other');
  });
});
