import { createSecretKey, randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createMemoryIdentity, type NewEvent, type PreparedCommand } from '@countersign/event-log';
import { buildRecord, encodeDisclosures } from '@countersign/record';
import { linksOf, REQUISITION, requisitionKey, requisitionLine } from './requisition.js';

export const ORGANISATION = 'depot';
export const LABEL = 'UNCLASSIFIED';
const SCHEMA = REQUISITION.schemas.LineRequested;
const NAMES = 6;

/**
 * Writes commands with sealed records to a file, each the first of a stream of its own: as the journal hands them to the
 * append, and sealed before timing so that the append is measured by itself. Read back by `readSealedCommands`.
 */
export function writeSealedCommands(file: string, commands: number, eventsPerCommand: number): void {
  const { origin, itemKeys } = createMemoryIdentity();
  const handle = openSync(file, 'w');
  try {
    for (let index = 0; index < commands; index += 1) {
      const streamId = `${REQUISITION.category}/${requisitionKey(index)}`;
      const unitKey = { keyId: randomBytes(16), key: createSecretKey(randomBytes(32)) };
      const parts: Uint8Array[] = [text(streamId), text(timeOrderedId(index)), randomBytes(32), unitKey.keyId];
      let prev: Uint8Array | undefined;
      for (let line = 0; line < eventsPerCommand; line += 1) {
        const data = requisitionLine(index, line);
        const record = buildRecord({
          origin,
          schema: SCHEMA,
          eventData: { ...data },
          streamId,
          sequence: BigInt(line),
          ...(prev !== undefined && { prev }),
          eventTime: '2026-11-20T10:00:00-05:00',
          recordedTime: '2026-11-20T15:00:01.123Z',
          actor: 'pseudonym-of-clerk',
          actingFor: data.shipTo,
          correlationId: `correlation-${index}`,
          label: LABEL,
          policy: 'bench',
          itemKey: itemKeys.itemKey(streamId),
          unitKeys: new Map([['commercial', unitKey]]),
        });
        prev = record.digest;
        const disclosures = encodeDisclosures(record.disclosures.map(({ envelope }) => envelope));
        const links = linksOf(data).map(({ value }) => value);
        parts.push(text(record.eventId), record.digest, record.header, record.entry, disclosures, text(links.join('\n')));
      }
      writeSync(handle, framed(parts));
    }
    fdatasyncSync(handle); // Nothing of it is left to be written while something is measured.
  } finally {
    closeSync(handle);
  }
}

/** As clients are asked to make command ids: the time comes first (UUIDv7, RFC 9562 section 5.7). */
function timeOrderedId(index: number): string {
  const time = (Date.UTC(2026, 10, 20, 15) + index).toString(16).padStart(12, '0');
  const random = randomBytes(10).toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-a${random.slice(3, 6)}-${random.slice(6, 18)}`;
}

export interface SealedShare {
  readonly share?: number;
  readonly shares?: number;
  /** Whether the natural keys of its streams are stored with it. */
  readonly withNaturalKeys?: boolean;
}

/** Reads the file again, command by command; `undefined` once it is used up. Of several shares, each gets every n-th command. */
export function readSealedCommands(
  file: string,
  { share = 0, shares = 1, withNaturalKeys = false }: SealedShare = {},
): () => PreparedCommand | undefined {
  const nextParts = readParts(file);
  let read = 0;
  return () => {
    for (;;) {
      const parts = nextParts();
      read += 1;
      if (parts === undefined) return undefined;
      if ((read - 1) % shares === share) return commandOf(parts, withNaturalKeys);
    }
  };
}

function readParts(file: string): () => readonly Buffer[] | undefined {
  const bytes = readFileSync(file);
  let offset = 0;
  return () => {
    if (offset >= bytes.length) return undefined;
    const parts: Buffer[] = [];
    let count = bytes.readUInt32LE(offset);
    for (offset += 4; count > 0; count -= 1) {
      const length = bytes.readUInt32LE(offset);
      parts.push(bytes.subarray(offset + 4, offset + 4 + length));
      offset += 4 + length;
    }
    return parts;
  };
}

function commandOf([stream, id, requestDigest, keyId, ...rest]: readonly Buffer[], withNaturalKeys: boolean): PreparedCommand {
  const streamId = String(stream);
  const events: NewEvent[] = [];
  const links = new Map<string, PreparedCommand['links'][number]>();
  for (let at = 0; at < rest.length; at += NAMES) {
    const [eventId, recordDigest, header, entry, disclosures, named] = rest.slice(at, at + NAMES) as unknown as Six;
    events.push({
      streamId,
      sequence: BigInt(events.length),
      eventId: eventId.toString(),
      type: SCHEMA.type,
      header,
      entry,
      disclosures,
      recordDigest,
    });
    if (!withNaturalKeys) continue;
    const [documentNumber = '', nsn = ''] = named.toString().split('\n');
    links.set(documentNumber, { streamId, kind: 'document-number', value: documentNumber, role: 'identifies' });
    links.set(nsn, { streamId, kind: 'nsn', value: nsn, role: 'mentions' });
  }
  const next = BigInt(events.length);
  return {
    principalId: 'principal-of-clerk',
    commandId: String(id),
    requestDigest: requestDigest ?? Buffer.alloc(32),
    result: 'null',
    inbox: undefined,
    guards: [{ streamId, expected: 0n, next, lastDigest: events.at(-1)?.recordDigest }],
    events,
    readers: [{ streamId, organisationId: ORGANISATION }],
    links: [...links.values()],
    unitKeys: [{ streamId, group: 'commercial', keyId: keyId ?? Buffer.alloc(16) }],
  };
}

type Six = readonly [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];

function text(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}

function framed(parts: readonly Uint8Array[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(parts.length);
  const pieces = parts.flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(part.length);
    return [length, part];
  });
  return Buffer.concat([count, ...pieces]);
}
