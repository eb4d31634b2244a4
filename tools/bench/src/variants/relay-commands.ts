import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import type { NewEvent, PreparedCommand } from '@countersign/event-log';
import type { EventSchema } from '@countersign/kernel';
import { buildRecord, encodeDisclosures, ItemKeys, type UnitKey } from '@countersign/record';

const SCHEMA: EventSchema = {
  type: 'countersign.bench.MaterialReceived.v1',
  fields: {
    nsn: 'public',
    quantity: 'public',
    unitOfIssue: 'public',
    condition: 'public',
    documentNumber: 'public',
    storageLocation: { group: 'logistics' },
    remarks: { group: 'logistics' },
  },
};

/** Commands of one event on a new stream each, sealed as a service seals them, with everything a first event stores beside it. */
export class SealedCommands {
  readonly #itemKeys = new ItemKeys(randomBytes(32));
  readonly #unitKey: UnitKey = { keyId: randomBytes(16), key: createSecretKey(randomBytes(32)) };
  readonly #digest = randomBytes(32);
  #made = 0;

  constructor(private readonly prefix: string = randomUUID().slice(0, 8)) {}

  next(): PreparedCommand {
    const number = this.#made;
    this.#made += 1;
    const nsn = `${1000 + (number % 9000)}-01-${String(number % 1000).padStart(3, '0')}-${String(number % 10_000).padStart(4, '0')}`;
    const streamId = `stock/${this.prefix}${number}/${nsn}`;
    return {
      principalId: 'clerk',
      commandId: `${this.prefix}-${number}`,
      requestDigest: this.#digest,
      result: '{"accepted":true}',
      inbox: undefined,
      guards: [{ streamId, expected: 0n, next: 1n, lastDigest: this.#digest }],
      events: [this.#seal(streamId, nsn, number)],
      readers: [{ streamId, organisationId: 'depot' }],
      links: [{ streamId, kind: 'nsn', value: nsn, role: 'mentions' }],
      unitKeys: [{ streamId, group: 'logistics', keyId: this.#unitKey.keyId }],
    };
  }

  take(count: number): PreparedCommand[] {
    return Array.from({ length: count }, () => this.next());
  }

  #seal(streamId: string, nsn: string, number: number): NewEvent {
    const { eventId, type, header, entry, digest, disclosures } = buildRecord({
      origin: 'countersign.example/bench',
      schema: SCHEMA,
      eventData: {
        nsn,
        quantity: 1 + (number % 500),
        unitOfIssue: 'EA',
        condition: 'A',
        documentNumber: `W25G1U${String(number % 10_000_000).padStart(8, '0')}`,
        storageLocation: `warehouse ${number % 40}, row ${number % 31}, bin ${number % 97}`,
        remarks: `received in good order by shift ${number % 3}, seals intact, counted twice`,
      },
      streamId,
      sequence: 0n,
      eventTime: '2026-11-20T10:00:00-05:00',
      recordedTime: '2026-11-20T15:00:01Z',
      actor: 'pseudonym-of-clerk',
      actingFor: 'W25G1U',
      correlationId: `correlation-${number}`,
      label: 'UNCLASSIFIED',
      policy: 'bench',
      unitKeys: new Map([['logistics', this.#unitKey]]),
      itemKey: this.#itemKeys.itemKey(streamId),
    });
    return {
      streamId,
      sequence: 0n,
      eventId,
      type,
      header,
      entry,
      recordDigest: digest,
      disclosures: encodeDisclosures(disclosures.map(({ envelope }) => envelope)),
    };
  }
}
