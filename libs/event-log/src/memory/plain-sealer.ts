import { createHash, randomUUID } from 'node:crypto';
import { DomainError, type JsonObject } from '@countersign/kernel';
import type { LogRow, OpenedRow } from '../log-reader.js';
import type { RecordSealer, SealInput } from '../sealing.js';

/** Stands in for real records until `@countersign/record` lands: everything readable, nothing encrypted. */
export function plainSealer(): RecordSealer {
  return {
    seal: (input) => {
      requireListed(input);
      const eventId = randomUUID();
      const header = Buffer.from(JSON.stringify({ ...input, previous: input.previous && Buffer.from(input.previous).toString('hex'), sequence: String(input.sequence), schema: undefined, unitKeys: undefined }));
      const recordDigest = digestOf(header);
      return { eventId, type: input.schema.type, header, entry: Buffer.concat([Buffer.alloc(41), recordDigest, Buffer.alloc(32)]), disclosures: Buffer.alloc(0), recordDigest };
    },
    keyIdsOf: () => [],
    open,
    digestOf,
  };
}

function digestOf(header: Uint8Array): Uint8Array {
  return createHash('sha256').update(header).digest();
}

function requireListed({ schema, data }: SealInput): void {
  for (const field of Object.keys(data)) {
    if (!schema.fields[field]) throw new DomainError('FIELD_INVALID', { field, rule: 'not in the event schema' });
  }
}

function open(row: LogRow): OpenedRow {
  const header = JSON.parse(Buffer.from(row.header).toString()) as Record<string, string> & { data: JsonObject };
  return {
    row,
    header: {
      time: header['eventTime'] ?? '',
      recordedTime: header['recordedTime'] ?? '',
      actor: header['actor'] ?? '',
      actingFor: header['actingFor'] ?? '',
      correlationId: header['correlationId'],
      causationId: header['causationId'],
      label: '',
      policy: '',
      prev: header['previous'] === undefined ? undefined : Buffer.from(header['previous'], 'hex'),
    },
    consistent: true,
    data: header.data,
    disclosures: [],
    altered: [],
    withheld: [],
  };
}
