import { readInbound, type CloudEvent, type IncomingMessage, type TopicSpec } from '@countersign/kafka';
import type { Actor, CommandEnvelope } from '@countersign/kernel';
import { isCorrelationId, newCorrelationId } from '@countersign/observability';
import type { ResolveSigner } from './erp-principals.js';

/** A message of an `in` topic, checked formally and by its signature. */
export interface ErpCommand<Statement> {
  readonly event: CloudEvent;
  /** The message's content; its topic's schema holds for it. */
  readonly statement: Statement;
  readonly actor: Actor;
  /** The command's envelope, once it is known when it happened. */
  envelopeAt(eventTime: string): CommandEnvelope;
}

/**
 * Reads a message as a command: its CloudEvents id is the command id, its signer the actor, its bytes the request.
 * @throws DomainError what `readInbound` throws
 */
export async function readErpCommand<Statement>(
  message: IncomingMessage,
  spec: TopicSpec,
  resolve: ResolveSigner,
): Promise<ErpCommand<Statement>> {
  const { event, signer } = await readInbound(message, spec, resolve);
  const { correlationid } = event.extensions;
  const correlationId = isCorrelationId(correlationid) ? correlationid : newCorrelationId();
  return {
    event,
    statement: event.data as Statement,
    actor: signer.actor,
    envelopeAt: (eventTime) => ({
      commandId: event.id,
      actor: signer.actor,
      eventTime,
      correlationId,
      request: message.value ?? Buffer.alloc(0),
    }),
  };
}
