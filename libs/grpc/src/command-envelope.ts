import { DomainError, parsePastTime, type CommandEnvelope } from '@countersign/kernel';
import type { commonV1 } from '@countersign/proto';

import type { RpcCall } from './served-call.js';

/**
 * The envelope of a command that came in over gRPC: actor from the token, command id and event time from the request's context.
 * An empty event time means now.
 * @throws DomainError FIELD_MISSING, TIME_INVALID
 */
export function commandEnvelope(call: RpcCall, context: commonV1.CommandContext | undefined): CommandEnvelope {
  if (context === undefined)
    throw new DomainError('FIELD_MISSING', { field: 'context', rule: 'every command carries a context' });
  const now = new Date().toISOString();
  return {
    // A UUID means the same in either case (RFC 9562 section 4).
    commandId: context.commandId.toLowerCase(),
    actor: call.actor,
    eventTime: context.eventTime === '' ? now : parsePastTime(context.eventTime, 'context.event_time', now),
    correlationId: call.correlationId,
    request: call.request,
  };
}
