import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { leafHash, openCheckpoint, rootFromLeaves, verifyConsistency, verifyInclusion } from '@countersign/merkle';
import { anchoringV1 } from '@countersign/proto';
import { eventually, testAddresses } from '@countersign/testing';
import {
  decodeItemMapProof,
  headsLogIdOf,
  itemHeadOf,
  ItemHeadsCheck,
  parseHeadsEntry,
  verifyAbsence,
  verifyPresence,
} from '@countersign/record';
import { SAMPLE_ITEMS, sampleEntries } from './testing/sample-log.js';
import { ServiceFixture } from './testing/service-fixture.js';

const PATIENCE = { limitMs: 20_000 };

jest.setTimeout(40_000);

describe('the anchoring service on real parts', () => {
  let fixture: ServiceFixture;

  beforeAll(async () => {
    fixture = await ServiceFixture.open();
    await fixture.start();
  }, 60_000);
  afterAll(() => fixture?.close(), 30_000);

  const entriesOf = (logNo: number, from: number, to: number): Buffer[] => sampleEntries(from, to, String(logNo));
  const rootOf = (logNo: number, size: number): Buffer => rootFromLeaves(entriesOf(logNo, 0, size).map(leafHash));

  /** Waits until the chain has exactly these sizes of the three logs. */
  async function anchored(...sizes: number[]): Promise<anchoringV1.Log[]> {
    return eventually(async () => {
      const { logs } = await fixture.logs('auditor').listLogs({});
      expect(logs.map((log) => Number(log.anchored?.size ?? 0n))).toEqual(sizes);
      return logs;
    }, PATIENCE);
  }

  /** Waits until item heads of exactly these sizes are there and on the chain. */
  async function headed(...sizes: number[]): Promise<anchoringV1.Log[]> {
    return eventually(async () => {
      const { logs } = await fixture.logs('auditor').listLogs({});
      expect(logs.map(({ heads }) => Number(heads?.baseSize))).toEqual(sizes);
      for (const { heads } of logs) expect(heads?.checkpoint.split('\n')[1]).toBe(String(heads?.anchored?.size));
      return logs;
    }, PATIENCE);
  }

  async function allEntries(logId: Uint8Array): Promise<Buffer[]> {
    const read: Buffer[] = [];
    for await (const { entries } of fixture.logs('auditor').readEntries({ logId }))
      read.push(...entries.map((entry) => Buffer.from(entry)));
    return read;
  }

  it('takes the leaves of all logs to checkpoints on the chain', async () => {
    await fixture.publish(0, 0, 5);
    await fixture.publish(1, 0, 2_500);
    await fixture.publish(2, 0, 300, 7);
    const logs = await anchored(5, 2_500, 300);
    for (const [logNo, log] of logs.entries()) {
      const sample = fixture.sample(logNo);
      const { size, root } = openCheckpoint(log.checkpoint, sample.log.noteKey);
      expect(Buffer.from(log.logId)).toEqual(sample.log.logId);
      expect(Buffer.from(log.registration)).toEqual(sample.log.registration);
      expect(root).toEqual(rootOf(logNo, size));
      expect(Buffer.from(log.anchored?.root ?? [])).toEqual(rootOf(logNo, size));
      expect(log).toMatchObject({ received: BigInt(size), oldestUnanchoredSeconds: 0, state: anchoringV1.LogState.OPEN });
      expect(log.anchored?.finality).toBe('NOT_CHECKED: single-node development chain');
      expect(log.anchored?.chain).toMatch(/^evm:31337:0x[0-9a-f]{40}$/);
      expect(log.anchored?.transaction.length).toBe(32);
    }
  });

  it('gives every entry and a proof of it', async () => {
    const { log } = fixture.sample(1);
    const read: Buffer[] = [];
    for await (const { firstIndex, entries } of fixture.logs('service').readEntries({ logId: log.logId, fromIndex: 100n })) {
      expect(firstIndex).toBe(BigInt(100 + read.length));
      read.push(...entries.map((entry) => Buffer.from(entry)));
    }
    expect(Buffer.concat(read).equals(Buffer.concat(entriesOf(1, 100, 2_500)))).toBe(true);
    const indexes = [0n, 2_499n, 1_024n, 255n];
    const proven = await fixture.proofs('auditor').getInclusionProofs({ logId: log.logId, indexes });
    const { size, root } = openCheckpoint(proven.checkpoint, log.noteKey);
    expect(proven.anchored).toMatchObject({ size: BigInt(size) });
    expect(proven.proofs.map(({ index }) => index)).toEqual(indexes);
    for (const { index, entry, path, firstAnchored } of proven.proofs) {
      verifyInclusion({ leafHash: leafHash(entry), index: Number(index), size, proof: path, root });
      expect(firstAnchored && firstAnchored.size > index).toBe(true);
    }
    const { path } = await fixture.proofs('auditor').getConsistencyProof({ logId: log.logId, fromSize: 1_000n, toSize: 2_500n });
    verifyConsistency({ fromSize: 1_000, fromRoot: rootOf(1, 1_000), toSize: 2_500, toRoot: rootOf(1, 2_500), proof: path });
  });

  it('publishes item heads of every log, to the chain too', async () => {
    const logs = await headed(5, 2_500, 300);
    for (const [logNo, { logId, heads, checkpoint }] of logs.entries()) {
      const { log } = fixture.sample(logNo);
      const { size, root } = openCheckpoint(heads?.checkpoint ?? '', log.heads.noteKey);
      expect(Buffer.from(heads?.logId ?? [])).toEqual(headsLogIdOf(logId));
      expect(Buffer.from(heads?.anchored?.root ?? [])).toEqual(root);
      const entries = await allEntries(heads?.logId ?? new Uint8Array());
      expect(rootFromLeaves(entries.map(leafHash))).toEqual(root);
      expect(entries).toHaveLength(size);
      const { baseSize, baseRoot } = parseHeadsEntry(entries.at(-1) ?? Buffer.alloc(0));
      expect(openCheckpoint(checkpoint, log.noteKey)).toMatchObject({ size: Number(baseSize), root: baseRoot });
      const own = entriesOf(logNo, 0, 2_500);
      const readEntries = (from: number, count: number): Promise<Buffer[]> => Promise.resolve(own.slice(from, from + count));
      expect(await ItemHeadsCheck.run({ headsEntries: entries, readEntries })).toEqual([]);
    }
    const { log } = fixture.sample(1);
    const proven = await fixture.proofs('auditor').getInclusionProofs({ logId: log.heads.logId, indexes: [0n] });
    expect(openCheckpoint(proven.checkpoint, log.heads.noteKey).origin).toBe(`${log.origin}/heads`);
  });

  it('gives all entries of an item, and that there are no others', async () => {
    await headed(5, 2_500, 300);
    const { log } = fixture.sample(1);
    const itemKeys = [SAMPLE_ITEMS[3] ?? Buffer.alloc(0), Buffer.alloc(32, 5)];
    const parts: anchoringV1.GetItemEvidenceResponse['part'][] = [];
    for await (const { part } of fixture.proofs('auditor').getItemEvidence({ logId: log.logId, itemKeys })) parts.push(part);
    expect(parts.map((part) => part.case)).toEqual(['heads', 'item', 'entries', 'item']);
    const [heads, item, own, absent] = parts.map(({ value }) => value) as [
      anchoringV1.ItemHeads,
      anchoringV1.ItemInMap,
      anchoringV1.ItemEntries,
      anchoringV1.ItemInMap,
    ];
    const { size, root } = openCheckpoint(heads.checkpoint, log.noteKey);
    expect(heads.anchored?.size).toBe(BigInt(size));
    const headsTree = openCheckpoint(heads.headsCheckpoint, log.heads.noteKey);
    verifyInclusion({
      ...headsTree,
      leafHash: leafHash(heads.headsEntry),
      index: Number(heads.headsIndex),
      proof: heads.headsPath,
    });
    const { mapRoot, baseSize, baseRoot } = parseHeadsEntry(heads.headsEntry);
    expect([Number(baseSize), baseRoot]).toEqual([size, root]);
    expect(own.entries.map(({ index }) => Number(index))).toEqual([...Array(size).keys()].filter((index) => index % 40 === 3));
    for (const { index, entry, path } of own.entries)
      verifyInclusion({ leafHash: leafHash(entry), index: Number(index), size, proof: path, root });
    const { valueDigest, count } = itemHeadOf(
      own.entries.map(({ index, entry }) => ({ leafIndex: index, leafHash: leafHash(entry) })),
    );
    expect(item.entryCount).toBe(count);
    const [present, absence] = [item, absent].map(({ mapProof }) => decodeItemMapProof(mapProof));
    if (present?.kind !== 'present' || absence === undefined || absence.kind === 'present')
      throw new Error('proofs of another kind');
    verifyPresence({ itemKey: item.itemKey, valueDigest, proof: present, mapRoot });
    verifyAbsence({ itemKey: absent.itemKey, proof: absence, mapRoot });
  });

  it('goes on after a restart, with repeats, and mines nothing while nothing changes', async () => {
    await fixture.stop();
    await fixture.publish(0, 0, 5);
    await fixture.publish(0, 3, 40);
    await fixture.start();
    await anchored(40, 2_500, 300);
    await headed(40, 2_500, 300);
    const height = await blockNumber();
    await fixture.publish(0, 10, 40);
    await eventually(async () => expect((await fixture.logs('auditor').listLogs({})).logs[0]?.received).toBe(40n));
    expect(await blockNumber()).toBe(height);
  }, 60_000);

  it('lets nobody in without a token of an auditor or a service', async () => {
    const { logId } = fixture.sample(0).log;
    for (const call of [
      () => fixture.logs().listLogs({}),
      () => fixture.proofs().getInclusionProofs({ logId, indexes: [0n] }),
      () => drained(fixture.proofs().getItemEvidence({ logId, itemKeys: SAMPLE_ITEMS.slice(0, 1) })),
      () => drained(fixture.logs().readEntries({ logId })),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
    for (const call of [
      () => fixture.logs('commander', 'supplier').listLogs({}),
      () => fixture.proofs('erp').getInclusionProofs({ logId, indexes: [0n] }),
      () => fixture.proofs('erp').getConsistencyProof({ logId, fromSize: 1n, toSize: 2n }),
      () => drained(fixture.logs('erp').readEntries({ logId })),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    }
  });

  it('answers bad requests with the right code', async () => {
    const { logId } = fixture.sample(0).log;
    const proofs = fixture.proofs('auditor');
    const refused = (call: Promise<unknown>, code: string): Promise<void> => expect(call).rejects.toMatchObject({ code });
    await refused(proofs.getInclusionProofs({ logId: Buffer.alloc(32, 9), indexes: [0n] }), 'NOT_FOUND');
    await refused(proofs.getInclusionProofs({ logId: Buffer.alloc(31), indexes: [0n] }), 'FIELD_INVALID');
    await refused(proofs.getInclusionProofs({ logId, indexes: [] }), 'FIELD_INVALID');
    await refused(proofs.getInclusionProofs({ logId, indexes: [1_000_000n] }), 'NOT_FOUND');
    await refused(proofs.getInclusionProofs({ logId, indexes: [2n ** 64n - 1n] }), 'FIELD_INVALID');
    await refused(proofs.getInclusionProofs({ logId, indexes: [0n], treeSize: 1n }), 'NOT_FOUND');
    await refused(proofs.getInclusionProofs({ logId, indexes: [9n], treeSize: 5n }), 'FIELD_INVALID');
    const [itemKey = Buffer.alloc(0)] = SAMPLE_ITEMS;
    const evidence = (changes: object): Promise<unknown> =>
      drained(proofs.getItemEvidence({ logId, itemKeys: [itemKey], ...changes }));
    await refused(evidence({ itemKeys: [] }), 'FIELD_INVALID');
    await refused(evidence({ itemKeys: [Buffer.alloc(31)] }), 'FIELD_INVALID');
    await refused(evidence({ itemKeys: SAMPLE_ITEMS.slice(0, 1).concat(Array<Buffer>(100).fill(itemKey)) }), 'FIELD_INVALID');
    await refused(evidence({ logId: fixture.sample(0).log.heads.logId }), 'NOT_FOUND');
    await refused(evidence({ treeSize: 1n }), 'NOT_FOUND');
    await refused(evidence({ headsSize: 2n ** 60n }), 'FIELD_INVALID');
    await refused(proofs.getConsistencyProof({ logId, fromSize: 0n, toSize: 5n }), 'FIELD_INVALID');
    await refused(proofs.getConsistencyProof({ logId, fromSize: 9n, toSize: 5n }), 'FIELD_INVALID');
    await refused(proofs.getConsistencyProof({ logId, fromSize: 1n, toSize: 2n ** 63n }), 'FIELD_INVALID');
  });

  it('passes over poison, and freezes a log whose source contradicts itself, and only that one', async () => {
    const forged = fixture.sample(2).message(300, sampleEntries(300, 301), generateKeyPairSync('ed25519').privateKey);
    await fixture.publishValues(2, Buffer.from('poison'), forged);
    await fixture.publish(2, 300, 310);
    await anchored(40, 2_500, 310);
    await fixture.publishValues(2, fixture.sample(2).message(305, sampleEntries(305, 306, 'another')));
    await fixture.publish(2, 310, 320);
    await fixture.publish(1, 2_500, 2_600);
    const logs = await anchored(40, 2_600, 310);
    await eventually(async () => {
      const states = (await fixture.logs('auditor').listLogs({})).logs.map(({ state }) => state);
      expect(states).toEqual([anchoringV1.LogState.OPEN, anchoringV1.LogState.OPEN, anchoringV1.LogState.CONFLICT]);
    });
    expect(Buffer.from(logs[2]?.anchored?.root ?? [])).toEqual(rootOf(2, 310));
  }, 60_000);
});

async function blockNumber(): Promise<string> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] });
  const reply = await fetch(testAddresses.chainRpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return ((await reply.json()) as { result: string }).result;
}

async function drained(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _message of stream);
}
