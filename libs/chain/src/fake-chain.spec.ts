import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { privateKeyToAddress } from 'viem/accounts';
import { chainContract, TestLog } from './chain-contract.js';
import { createFakeChain } from './fake-chain.js';
import { RecordedBroadcasts } from './recorded-broadcasts.js';

chainContract('The fake chain', async () => {
  const broadcasts = new RecordedBroadcasts();
  const chain = createFakeChain({ broadcasts });
  const stranger = createFakeChain({ broadcasts: new RecordedBroadcasts(), publisher: 'stranger', shared: chain });
  const attesterKeys = [1, 2, 3].map(() => randomBytes(32));
  const attesters = attesterKeys.map((key) => privateKeyToAddress(`0x${key.toString('hex')}`));
  return Promise.resolve({
    chain,
    broadcasts,
    stranger,
    attested: createFakeChain({ broadcasts, quorum: { attesters, threshold: 2 }, shared: chain }),
    attesterKeys,
    replacePublisher: async (logId) => Promise.resolve(chain.replacePublisher(logId, 'stranger')),
    closeLog: async (logId, size, successor) => Promise.resolve(chain.closeLog(logId, size, successor)),
    finality: 'NOT_CHECKED: chain in memory',
    close: () => Promise.resolve(),
  });
});

describe('faults of the fake chain', () => {
  it.each([
    ['before-broadcast', 0],
    ['after-broadcast', 1],
  ] as const)('fails a commit %s: %d heads are stored', async (fault, stored) => {
    const chain = createFakeChain({ broadcasts: new RecordedBroadcasts() });
    const log = new TestLog();
    await chain.listLog(log.logId);
    chain.failNextCommit(fault);
    await expect(chain.commitHeads([log.commit(0, 4)])).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    expect((await chain.readHeads([log.logId])).size).toBe(stored);
  });

  it('forgets what stood above the height it is rewound to', async () => {
    const chain = createFakeChain({ broadcasts: new RecordedBroadcasts() });
    const log = new TestLog();
    await chain.listLog(log.logId);
    await chain.commitHeads([log.commit(0, 4)]);
    const { height } = chain;
    await chain.commitHeads([log.commit(4, 6)]);
    chain.rewindTo(height);
    expect((await chain.readHeads([log.logId])).get(log.key)?.size).toBe(4);
    expect(await chain.headAt(log.logId, 6)).toBeUndefined();
  });
});
