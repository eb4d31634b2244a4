import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { auditPlatform } from '@countersign/cli';
import { CallError } from '@countersign/grpc';
import { TOPICS } from '@countersign/kafka';
import type { inventoryV1 } from '@countersign/proto';
import { beforeAll, expect, it } from '@jest/globals';
import { eachAtOnce } from '../quarter/each-at-once.js';
import { readTopic } from '../read-topic.js';
import { until } from '../until.js';
import { BulkOrder } from './bulk-order.js';
import type { StoryRun } from './story-run.js';
import { holdRelay, releaseRelay } from './superuser.js';
import { expectWhole, headerOf, readWholeLog, type WholeLog } from './whole-log.js';

const LIMIT_MS = 120_000;
const LEDGER = 'stock/Z9D/007345199';
const COMMANDS = 20;
const AT_ONCE = 4;
const ATTEMPTS_MAX = 10;
/** Statuses after which a caller cannot know what became of his command. */
const UNKNOWN_OUTCOME = new Set(['UNAVAILABLE', 'CANCELLED', 'DEADLINE_EXCEEDED']);

/** Inventory dies by SIGKILL: nothing acknowledged is lost, nothing happens twice, and the roots are those of what is stored. */
export function killSuite(run: () => StoryRun): void {
  let order: BulkOrder;
  /** Receipts that the ledger held before. */
  let before: number;

  beforeAll(async () => {
    order = new BulkOrder(run(), 'W99CT126C3001', 100);
    await order.ship();
    before = receiptsIn(await readWholeLog(run(), 'inventory'));
  }, LIMIT_MS);

  it(
    'between append and relay, and between publishing and marking it',
    async () => {
      const { inventory } = run().platform.services;
      const stoodBy = timesStoodBy(run());
      await holdRelay(run(), 'inventory');
      // The relay finds out that it lost the lead when it has published this one and cannot mark it.
      const published = await order.receive(1);
      await until('the relay standing by', () => Promise.resolve(timesStoodBy(run()) > stoodBy || undefined));
      const unpublished = [await order.receive(2), await order.receive(3)];
      expect(await timesPublished(run(), [published])).toEqual([1]);
      expect(await timesPublished(run(), unpublished)).toEqual([0, 0]);

      await inventory.kill('SIGKILL');
      await releaseRelay(run(), 'inventory');
      await inventory.start();

      const repeated = await order.receive(3, { waitForReady: true });
      expect(repeated.outcome).toEqual({ ...unpublished[1]?.outcome, replayed: true });
      await expectReceivedOnce([1, 2, 3]);
      // Published once more, because nothing had marked it; known by its id, it had no second effect.
      expect(await timesPublished(run(), [published, ...unpublished])).toEqual([2, 1, 1]);
    },
    LIMIT_MS,
  );

  it(
    `at any moment of ${COMMANDS} commands, ${AT_ONCE} at once`,
    async () => {
      const { inventory } = run().platform.services;
      const parts = Array.from({ length: COMMANDS }, (_, index) => index + 10);
      const killedAfter = randomInt(1, COMMANDS - AT_ONCE);
      const answers = new Map<number, inventoryV1.PostReceiptResponse>();
      let restarted: Promise<void> | undefined;
      await eachAtOnce(parts, AT_ONCE, async (part) => {
        answers.set(part, await insist(() => order.receive(part, { waitForReady: true })));
        if (answers.size === killedAfter) restarted = inventory.kill('SIGKILL').then(() => inventory.start());
      });
      await restarted;
      for (const part of parts) {
        const outcome = { ...answers.get(part)?.outcome, replayed: true };
        expect({ killedAfter, part, outcome: (await order.receive(part)).outcome }).toEqual({ killedAfter, part, outcome });
      }
      // Nobody helps: the next process waits for the dead one's lease to run out.
      await expectReceivedOnce([1, 2, 3, ...parts]);
      const audit = await auditPlatform(run().clients, run().trust);
      expect(audit.logs.map(({ findings, chain }) => ({ findings, chain }))).toEqual(
        audit.logs.map(() => ({ findings: [], chain: 'PASS' })),
      );
    },
    LIMIT_MS,
  );

  /** Each receipt is one event of the ledger and one of procurement's receiving report, and both logs are whole. */
  async function expectReceivedOnce(parts: readonly number[]): Promise<void> {
    const { documentNumbers, received } = await until('all receipts in procurement', async () => {
      const report = await order.report();
      return report.received >= BigInt(parts.length) ? report : undefined;
    });
    expect(received).toBe(BigInt(parts.length));
    expect(documentNumbers.toSorted()).toEqual(parts.map((part) => order.documentNumber(part)).toSorted());
    expect(receiptsIn(await expectWhole(run(), 'inventory'))).toBe(before + parts.length);
    const { streamIds } = await expectWhole(run(), 'procurement');
    expect(streamIds.filter((id) => id === order.reportStream)).toHaveLength(parts.length);
  }
}

/** Repeats a command until its outcome is known; each attempt waits for the service up to its deadline. */
async function insist<Answer>(command: () => Promise<Answer>, attempts = ATTEMPTS_MAX): Promise<Answer> {
  try {
    return await command();
  } catch (error) {
    const isUnknown = error instanceof CallError && UNKNOWN_OUTCOME.has(error.statusName);
    if (!isUnknown || attempts <= 1) throw error;
    return insist(command, attempts - 1);
  }
}

function receiptsIn({ records, streamIds }: WholeLog): number {
  return records.filter(
    (record, index) => streamIds[index] === LEDGER && headerOf(record).type === 'countersign.inventory.MaterielReceiptPosted.v1',
  ).length;
}

/** How often the relay of inventory said that it leads no more. */
function timesStoodBy({ platform }: StoryRun): number {
  return readFileSync(platform.services.inventory.logFile, 'utf8').split('"event":"relay-stands-by"').length - 1;
}

/** How often the ledger event of each receipt stands on its topic. */
async function timesPublished(
  { bus, platform }: StoryRun,
  receipts: readonly inventoryV1.PostReceiptResponse[],
): Promise<readonly number[]> {
  const ids: string[] = [];
  await readTopic(bus, `${platform.namespace.topic}${TOPICS.inventoryStock.name}`, ({ value }) => {
    ids.push((JSON.parse(String(value)) as { id: string }).id);
  });
  return receipts.map(({ outcome }) => {
    const event = outcome?.recorded.find(({ streamId }) => streamId === LEDGER);
    return ids.filter((id) => id === event?.eventId).length;
  });
}
