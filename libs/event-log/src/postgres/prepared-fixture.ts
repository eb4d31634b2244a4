import { randomBytes, randomUUID } from 'node:crypto';
import type { NewEvent, PreparedCommand } from '../log-store.js';

/** A command with one made-up event; for the store, which does not look into bytes. */
export function preparedCommand(
  change: Partial<PreparedCommand> & { readonly streamId?: string; readonly sequence?: bigint } = {},
): PreparedCommand {
  const { streamId = `parcel/${randomBytes(6).toString('hex')}`, sequence = 0n, ...rest } = change;
  const event = preparedEvent(streamId, sequence);
  return {
    principalId: 'principal',
    commandId: randomBytes(8).toString('hex'),
    requestDigest: Buffer.alloc(32, 1),
    result: 'null',
    inbox: undefined,
    guards: [{ streamId, expected: sequence, next: sequence + 1n, lastDigest: event.recordDigest }],
    events: [event],
    readers: [{ streamId, organisationId: 'depot' }],
    links: [],
    unitKeys: [],
    ...rest,
  };
}

export function preparedEvent(streamId: string, sequence: bigint): NewEvent {
  const recordDigest = randomBytes(32);
  const entry = Buffer.concat([Buffer.alloc(41), recordDigest, Buffer.alloc(32)]);
  return {
    streamId,
    sequence,
    eventId: randomUUID(),
    type: 'countersign.test.Happened.v1',
    header: Buffer.from('{}'),
    entry,
    disclosures: Buffer.alloc(0),
    recordDigest,
  };
}
