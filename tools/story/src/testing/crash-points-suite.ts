import { auditPlatform } from '@countersign/cli';
import { TOPICS } from '@countersign/kafka';
import { leafHash, rootFromLeaves } from '@countersign/merkle';
import { LOG_SERVICES } from '@countersign/stack';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { untilQuiet } from '../quiet.js';
import { until } from '../until.js';
import { dieAndRestart, type KillPoint } from './armed-service.js';
import { BulkOrder } from './bulk-order.js';
import { acceptedHeads } from './chain-history.js';
import type { StoryRun } from './story-run.js';
import { asSuperuser } from './superuser.js';
import { expectWhole } from './whole-log.js';

const LIMIT_MS = 120_000;

type Point = readonly [what: string, point: KillPoint];

const STOCK = TOPICS.inventoryStock.name;

/** Between the effect of a message and the note that it was read: the point at which a message has its effect twice, or none. */
const OFFSET_COMMIT: Point = [
  'its effect is committed, the offset is not',
  { step: 'offset-commit', match: STOCK, when: 'before' },
];
/** Between signature and chain: the point at which a head is committed twice, or another one in its place. */
const SIGNED: Point = [
  'the checkpoint is signed and kept, the chain knows nothing',
  { step: 'sql', match: 'anchoring.advance_head', when: 'after' },
];

const CONSUMER_POINTS: readonly Point[] = [
  ['its effect is about to be appended', { step: 'sql', match: 'event_log.append', when: 'before' }],
  ['its effect is committed, the service does not know', { step: 'sql', match: 'event_log.append', when: 'after' }],
  OFFSET_COMMIT,
  ['the offset is committed, the service does not know', { step: 'offset-commit', match: STOCK, when: 'after' }],
];

const ANCHORING_POINTS: readonly Point[] = [
  ['the checkpoint is signed, and kept nowhere', { step: 'sql', match: 'anchoring.advance_head', when: 'before' }],
  SIGNED,
  ['the transaction is signed, and recorded nowhere', { step: 'sql', match: 'anchoring.record_broadcast', when: 'before' }],
  ['the transaction is recorded, and not sent', { step: 'sql', match: 'anchoring.record_broadcast', when: 'after' }],
  ['the transaction is about to be sent', { step: 'rpc', match: 'eth_sendRawTransaction', when: 'before' }],
  ['the chain has the transaction, the service does not know', { step: 'rpc', match: 'eth_sendRawTransaction', when: 'after' }],
  ['the chain has the head, and it is not noted', { step: 'sql', match: 'anchoring.confirm_head', when: 'before' }],
  ['the head is noted, the service does not know', { step: 'sql', match: 'anchoring.confirm_head', when: 'after' }],
];

const RELAY_POINTS: readonly Point[] = [
  ['records are published, the cursor has not moved', { step: 'sql', match: 'event_log.relay_advance', when: 'before' }],
  ['the cursor has moved, the service does not know', { step: 'sql', match: 'event_log.relay_advance', when: 'after' }],
];

/** The two points that matter most; the long suite has them all. */
export function crashPointsSuite(run: () => StoryRun): void {
  suiteOf(run, 'W99CT126C3002', { consumer: [OFFSET_COMMIT], anchoring: [SIGNED], relay: [] });
}

/** Every step of a message's effect, of a head's way to the chain, and of the relay, each before and after it had its effect. */
export function allCrashPointsSuite(run: () => StoryRun): void {
  suiteOf(run, 'W99CT126C3003', { consumer: CONSUMER_POINTS, anchoring: ANCHORING_POINTS, relay: RELAY_POINTS });
}

interface Points {
  readonly consumer: readonly Point[];
  readonly anchoring: readonly Point[];
  readonly relay: readonly Point[];
}

function suiteOf(run: () => StoryRun, piid: string, points: Points): void {
  let order: BulkOrder;
  let parts = 0;

  beforeAll(async () => {
    order = new BulkOrder(run(), piid, 100);
    await order.ship();
    await untilQuiet(run().platform);
  }, LIMIT_MS);

  const receiveOne = (): Promise<unknown> => order.receive(++parts, { waitForReady: true });

  describe('procurement is killed while it consumes a receipt, and', () => {
    it.each(points.consumer)('%s: it has its effect once', (_, point) => consume(point), LIMIT_MS);
  });

  describe('anchoring is killed on the way to the chain, and', () => {
    it.each(points.anchoring)('%s: each head is committed once', (_, point) => anchor(point), LIMIT_MS);
  });

  if (points.relay.length > 0) {
    describe('inventory is killed while it relays, and', () => {
      it.each(points.relay)('%s: every record has its effect once', (_, point) => relay(point), LIMIT_MS);
    });
  }

  async function consume(point: KillPoint): Promise<void> {
    const { procurement } = run().platform.services;
    const before = await noted();
    await dieAndRestart(procurement, point, receiveOne, async () => {
      const isThere = point.step === 'offset-commit' || point.when === 'after';
      expect(await noted()).toBe(before + (isThere ? 1 : 0));
      if (point.when === 'before') expect(await unread()).toBeGreaterThan(0n);
    });
    await expectReceivedOnce();
  }

  async function anchor(point: KillPoint): Promise<void> {
    await dieAndRestart(run().platform.services.anchoring, point, receiveOne);
    await expectReceivedOnce();
    await expectAnchoredOnce(run());
  }

  async function relay(point: KillPoint): Promise<void> {
    await dieAndRestart(run().platform.services.inventory, point, receiveOne);
    await receiveOne();
    await expectReceivedOnce();
  }

  /** Receipts in the receiving report, as the table has them: procurement itself may be dead. */
  async function noted(): Promise<number> {
    const { rows } = await asSuperuser(run(), 'procurement', (client) =>
      client.query<{ count: string }>('SELECT count(*) FROM event_log.event WHERE stream_id = $1', [order.reportStream]),
    );
    return Number(rows[0]?.count);
  }

  /** Messages of the ledger's topic that procurement has not noted as read. */
  async function unread(): Promise<bigint> {
    const { topic } = run().platform.namespace;
    const lags = await run().bus.lag(`${topic}countersign-procurement-events`, [`${topic}${STOCK}`]);
    return [...lags.values()].reduce((sum, lag) => sum + lag, 0n);
  }

  async function expectReceivedOnce(): Promise<void> {
    const expected = Array.from({ length: parts }, (_, index) => order.documentNumber(index + 1));
    const { documentNumbers } = await until('all receipts in procurement', async () => {
      const report = await order.report().catch(() => undefined); // it may be starting
      return report !== undefined && report.received >= BigInt(parts) ? report : undefined;
    });
    expect(documentNumbers.toSorted()).toEqual(expected.toSorted());
    await untilQuiet(run().platform);
    expect(await noted()).toBe(parts);
  }
}

/** Every head on the chain stands there once, its sizes only grow, its root is that of the records, and the auditor finds nothing. */
async function expectAnchoredOnce(run: StoryRun): Promise<void> {
  const logs = await Promise.all(LOG_SERVICES.map((service) => expectWhole(run, service)));
  const heads = Map.groupBy(await acceptedHeads(run), ({ logId }) => logId);
  for (const { logId, records } of logs) {
    const accepted = heads.get(logId.toString('hex')) ?? [];
    const sizes = accepted.map(({ size }) => size);
    expect(sizes).toEqual([...new Set(sizes)].toSorted((one, other) => one - other));
    expect(sizes.at(-1)).toBe(records.length);
    const leaves = records.map(({ entry }) => leafHash(entry));
    for (const { size, root } of accepted) expect(root).toEqual(Buffer.from(rootFromLeaves(leaves.slice(0, size))));
  }
  const audit = await auditPlatform(run.clients, run.trust);
  expect(audit.logs.map(({ findings, chain }) => ({ findings, chain }))).toEqual(
    audit.logs.map(() => ({ findings: [], chain: 'PASS' })),
  );
}
