import type { JsonObject } from '@countersign/kernel';
import { CLOUD_EVENT_MEDIA_TYPE } from '../cloud-event.js';
import { DISCLOSURES_HEADER } from '../relay-sink.js';
import { KAFKA_BINDING, SCHEMA_FORMAT } from './door-messages.js';

const DIGITS = '^[0-9]{20}$';

/** A domain event between our services: the bytes that are hashed. */
export function eventMessage(): JsonObject {
  return {
    name: 'event',
    title: 'Domain event',
    summary:
      'A record as it was hashed: a CloudEvent in structured mode with 32-byte commitments in place of confidential values.',
    description:
      'Known by (source, id); its place in its stream is `sequence`. The value must be kept byte for byte: its digest is the record digest. Every member: docs/record.md section 3.',
    contentType: CLOUD_EVENT_MEDIA_TYPE,
    headers: {
      type: 'object',
      required: ['content-type'],
      properties: {
        'content-type': { const: `${CLOUD_EVENT_MEDIA_TYPE}; charset=UTF-8` },
        [DISCLOSURES_HEADER]: {
          type: 'string',
          description:
            'Binary: the confidential values, encrypted for their release groups; docs/record.md section 5. Absent if there are none.',
        },
      },
    },
    payload: {
      schemaFormat: SCHEMA_FORMAT,
      schema: {
        type: 'object',
        required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'recordedtime', 'sequence', 'data'],
        properties: {
          specversion: { const: '1.0' },
          id: { type: 'string', description: 'Event id, a UUIDv7.' },
          source: { type: 'string', description: 'Origin of the log.' },
          type: { type: 'string', pattern: '^countersign\\.', description: 'countersign.<context>.<Event>.v<n>.' },
          subject: { type: 'string', description: 'Stream id.' },
          time: { type: 'string', description: 'When it happened.' },
          recordedtime: { type: 'string', description: 'When the log took it.' },
          sequence: { type: 'string', pattern: DIGITS, description: 'Place in the stream, from 0.' },
          data: { type: 'object' },
        },
      },
    },
    bindings: {
      kafka: {
        key: {
          type: 'string',
          pattern: '^[0-9a-f]{64}$',
          description: 'Item key, hex: all events of one item keep their order.',
        },
        bindingVersion: KAFKA_BINDING,
      },
    },
  };
}

/** Entries of a log on their way to the anchoring service. */
export function leavesMessage(): JsonObject {
  return {
    name: 'leaves',
    title: 'Leaves of a log',
    summary: 'Up to 1,000 consecutive entries of a log without content, their first position, and the log’s signature.',
    description: 'A binary value; docs/record.md section 8.',
    contentType: 'application/octet-stream',
    payload: { description: 'Binary.' },
    bindings: {
      kafka: {
        key: { type: 'string', pattern: '^[0-9a-f]{64}$', description: 'Log id, hex.' },
        bindingVersion: KAFKA_BINDING,
      },
    },
  };
}
