import type { JsonObject } from '@countersign/kernel';
import { DEAD_LETTER_REASONS, type DeadLetterReason } from '../outcome.js';
import { KAFKA_BINDING } from './door-messages.js';

/** What each reason means to whoever sent the message, and what to do. */
const MEANING: Readonly<Record<DeadLetterReason, string>> = {
  SCHEMA_INVALID: 'The message cannot be read as what the topic takes. Correct the named field.',
  SCHEMA_UNKNOWN:
    'The CloudEvents type is not the name of the topic, or a version that it does not take. Correct the type or the topic.',
  SIGNATURE_INVALID:
    'The signature is missing, was not made over these bytes and attributes, or its key may not sign. Sign what you publish; check kid and key.',
  TENANT_MISMATCH:
    'The message speaks for an organisation that its signer does not belong to. Sign as a principal of that organisation.',
  DUPLICATE_CONFLICT:
    'The id was used before for another content. A repeat must be the same bytes; anything else needs an id of its own.',
  OUT_OF_ORDER: 'What had to come first did not come in time. Publish it again after that.',
  OVERSIZE: 'The value is larger than the topic takes. Split it.',
  DOMAIN_REJECTED:
    'Understood and refused by a rule of the domain: x-reason-code names it. Correct the matter, then publish it under a new id.',
  POISON: 'Handling it failed again and again for a reason that nobody foresaw. Leave it as it is and tell the operator.',
};

/** What stands in a dead letter topic: the message as it came, and why. */
export function deadLetterMessage(): JsonObject {
  return {
    name: 'deadLetter',
    title: 'Dead letter',
    summary:
      'A message that could not be processed, with its key, value and headers as they came, and the reason in further headers.',
    description:
      'Nothing of the message took effect. It may be confidential: who may read the topic is decided like for the topic itself.',
    headers: {
      type: 'object',
      required: [
        'x-original-topic',
        'x-original-partition',
        'x-original-offset',
        'x-reason',
        'x-attempt',
        'x-first-failed-at',
        'x-consumer-group',
      ],
      properties: {
        'x-original-topic': { type: 'string', description: 'Topic that it was published on.' },
        'x-original-partition': { type: 'string', pattern: '^[0-9]+$' },
        'x-original-offset': { type: 'string', pattern: '^[0-9]+$' },
        'x-reason': {
          type: 'string',
          enum: [...DEAD_LETTER_REASONS],
          description: DEAD_LETTER_REASONS.map((reason) => `- \`${reason}\`: ${MEANING[reason]}`).join('\n'),
        },
        'x-reason-code': { type: 'string', pattern: '^[A-Z][A-Z_]*$', description: 'The broken rule, a code of docs/errors.md.' },
        'x-reason-field': { type: 'string', description: 'Path of the field, e.g. lines.0.quantity.' },
        'x-reason-rule': { type: 'string', description: 'What the field has to keep. Never holds a value of the message.' },
        'x-attempt': { type: 'string', pattern: '^[0-9]+$', description: 'How often handling was tried.' },
        'x-first-failed-at': { type: 'string', format: 'date-time' },
        'x-consumer-group': { type: 'string', description: 'Who refused it.' },
        'x-value-omitted': {
          type: 'string',
          pattern: '^[0-9]+$',
          description:
            'Only if not even this topic could take the value: its size in bytes. It stays readable at its original offset.',
        },
      },
    },
    payload: { description: 'The value as it came, whatever it is.' },
    bindings: { kafka: { key: { type: ['string', 'null'], description: 'The key as it came.' }, bindingVersion: KAFKA_BINDING } },
  };
}
