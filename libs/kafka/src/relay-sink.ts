import type { KeyObject } from 'node:crypto';
import { DomainError } from '@countersign/kernel';
import { encodeLeavesMessage, LEAVES_MAX, parseEntry } from '@countersign/record';
import { CLOUD_EVENT_MEDIA_TYPE } from './cloud-event.js';
import type { EventBus, OutgoingMessage, TopicMessages } from './event-bus.js';
import { evtTopicOf, leavesTopicOf } from './topics.js';

/** A stored record as the relay hands it over; `LogRow` of `@countersign/event-log` is one. */
export interface RelayRow {
  readonly position: bigint;
  readonly streamId: string;
  readonly type: string;
  /** The header bytes, published as they are. */
  readonly header: Uint8Array;
  /** 105 bytes. */
  readonly entry: Uint8Array;
  /** Encrypted disclosures, framed by `encodeDisclosures`; empty if the record has none. */
  readonly disclosures: Uint8Array;
}

/** Record header of `evt` topics that carries the encrypted disclosures. */
export const DISCLOSURES_HEADER = 'disclosures';

export interface RelaySinkOptions {
  readonly bus: Pick<EventBus, 'publishAll'>;
  readonly logIdentity: { readonly logId: Uint8Array; readonly leavesKey: KeyObject };
  /** `identity`, `inventory` or `procurement`. */
  readonly serviceName: string;
  /** Stands before every topic name. */
  readonly topicPrefix?: string;
  /** The `evt` topic of a record, without prefix. By default one topic a stream category. */
  readonly topicFor?: (row: RelayRow) => string;
  /** What goes to `out.*` topics (names without prefix). MUST give the same messages for the same rows: a batch may come again. */
  readonly outMapper?: (rows: readonly RelayRow[]) => Promise<readonly TopicMessages[]>;
}

/**
 * The relay's sink: records to `evt` topics (key = item key, hex; value = header bytes), their entries as signed leaves messages, and
 * what the service maps to `out`. Resolves when the broker has acknowledged all of it.
 */
export function kafkaRelaySink(options: RelaySinkOptions): { publish(rows: readonly RelayRow[]): Promise<void> } {
  const { bus, serviceName, topicPrefix = '', topicFor = (row) => evtTopicOf(serviceName, row.streamId) } = options;
  return {
    publish: async (rows) => {
      if (rows.length === 0) return;
      const out = (await options.outMapper?.(rows)) ?? [];
      const batches = [
        ...eventBatches(rows, topicFor),
        { topic: leavesTopicOf(serviceName), messages: leavesMessages(rows, options.logIdentity) },
        ...out,
      ];
      await bus.publishAll(batches.map(({ topic, messages }) => ({ topic: topicPrefix + topic, messages })));
    },
  };
}

function eventBatches(rows: readonly RelayRow[], topicFor: (row: RelayRow) => string): TopicMessages[] {
  const byTopic = new Map<string, OutgoingMessage[]>();
  for (const row of rows) {
    const topic = topicFor(row);
    let messages = byTopic.get(topic);
    if (messages === undefined) byTopic.set(topic, (messages = []));
    messages.push(eventMessage(row));
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}

function eventMessage(row: RelayRow): OutgoingMessage {
  return {
    key: Buffer.from(parseEntry(row.entry).itemKey).toString('hex'),
    value: asBuffer(row.header),
    headers: {
      'content-type': `${CLOUD_EVENT_MEDIA_TYPE}; charset=UTF-8`,
      ...(row.disclosures.length > 0 ? { [DISCLOSURES_HEADER]: asBuffer(row.disclosures) } : {}),
    },
  };
}

function leavesMessages(rows: readonly RelayRow[], identity: RelaySinkOptions['logIdentity']): OutgoingMessage[] {
  const messages: OutgoingMessage[] = [];
  for (let from = 0; from < rows.length; from += LEAVES_MAX) {
    const chunk = rows.slice(from, from + LEAVES_MAX);
    const firstPosition = chunk[0]?.position ?? 0n;
    // The relay reads a dense log in order; anything else would make us sign positions that are not so.
    if (chunk.some(({ position }, index) => position !== firstPosition + BigInt(index))) {
      throw new DomainError('INTERNAL', { rule: 'the relay hands over consecutive records' });
    }
    const entries = chunk.map(({ entry }) => entry);
    const value = encodeLeavesMessage({ logId: identity.logId, firstPosition, entries, privateKey: identity.leavesKey });
    messages.push({ key: Buffer.from(identity.logId).toString('hex'), value });
  }
  return messages;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
