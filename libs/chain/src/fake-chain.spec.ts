import { describe, expect, it } from '@jest/globals';
import { chainContract, TestLog } from './chain-contract.js';
import { createFakeChain } from './fake-chain.js';
import { RecordedBroadcasts } from './recorded-broadcasts.js';

chainContract('The fake chain', async () => {
  const broadcasts = new RecordedBroadcasts();
  const chain = createFakeChain({ broadcasts });
  const stranger = createFakeChain({ broadcasts: new RecordedBroadcasts(), publisher: 'stranger', shared: chain });
  return Promise.resolve({
    chain,
    broadcasts,
    stranger,
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
