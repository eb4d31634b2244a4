import { DomainError } from '@countersign/kernel';
import { parseCloudEvent, type CloudEvent } from './cloud-event.js';
import { LOOP_LIMITS } from './config.js';
import type { IncomingMessage } from './event-bus.js';
import { validateMessageData } from './message-schema.js';
import { verifyMessageSignature, type MessageSigner } from './message-signature.js';
import type { TopicSpec } from './topics.js';

/** A message of an `in` topic that holds all formal checks. */
export interface InboundMessage<Signer extends MessageSigner> {
  readonly event: CloudEvent;
  /** Who signed it; takes the place of a token. */
  readonly signer: Signer & { readonly principalId: string };
}

/**
 * Reads a message of an `in` topic: size, CloudEvents envelope, type, schema of the data, signature, in this order, so that garbage costs
 * no question to identity.
 *
 * @param resolve the principal of a key id; undefined if there is none
 * @throws DomainError MESSAGE_TOO_LARGE, SCHEMA_INVALID, SCHEMA_UNKNOWN, SIGNATURE_INVALID, or what `resolve` throws
 */
export async function readInbound<Signer extends MessageSigner>(
  message: IncomingMessage,
  spec: Pick<TopicSpec, 'name' | 'schema'>,
  resolve: (kid: string) => Promise<Signer | undefined>,
): Promise<InboundMessage<Signer>> {
  if ((message.value?.length ?? 0) > LOOP_LIMITS.valueBytesMax) throw new DomainError('MESSAGE_TOO_LARGE', { field: 'value' });
  const event = parseCloudEvent(message);
  if (event.type !== spec.name || spec.schema === undefined) {
    throw new DomainError('SCHEMA_UNKNOWN', { field: 'type', rule: `must be ${spec.name}` });
  }
  validateMessageData(spec.schema, event.data);
  return { event, signer: await verifyMessageSignature(message, event, resolve) };
}
