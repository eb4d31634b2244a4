import type { CommandOutcome } from '@countersign/event-log';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { commonV1 } from '@countersign/proto';

/** The outcome of a command as its answer tells it: `{ outcome: outcomeMessage(await this.handler.execute(…)) }`. */
export function outcomeMessage(outcome: CommandOutcome<unknown>): MessageInitShape<typeof commonV1.CommandOutcomeSchema> {
  return {
    recorded: outcome.recorded.map(({ eventId, type, streamId, sequence, position, recordDigest }) => ({
      eventId,
      type,
      streamId,
      sequence,
      position,
      recordDigest,
    })),
    replayed: outcome.replayed,
  };
}
