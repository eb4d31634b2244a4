import { DomainError, type ErrorCode } from '@countersign/kernel';
import type { CommandOutcome, Journal } from '../journal.js';
import { envelopeOf, PARCEL } from '../parcel-fixture.js';
import { decide, openedBy, piecesOf, type Submission } from './operations.js';

/** What a client was told about one call. `unknown`: nothing, or nothing that settles it. */
export type Answer =
  | { readonly kind: 'done'; readonly outcome: CommandOutcome<readonly number[]> }
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly code: ErrorCode }
  | { readonly kind: 'unknown' };

export interface Call {
  readonly submission: Submission;
  readonly invokedAt: number;
  /** Infinity while there is no answer. */
  respondedAt: number;
  answer: Answer;
}

/** A rule of the domain said no: nothing is recorded. */
class Refusal extends Error {}

/** Names the submission in every record it leaves. */
export function correlationOf({ commandId, body }: Submission): string {
  return `${commandId}.${body}`;
}

/** Clients of a journal, and everything they were told. Times are ticks of one counter. */
export class JournalClients {
  readonly calls: Call[] = [];
  #tick = 0;

  /** @param lost rejects when the process that was asked is gone: nobody answers then */
  async call(journal: Journal, submission: Submission, lost?: Promise<never>): Promise<Answer> {
    const call: Call = { submission, invokedAt: this.#tick++, respondedAt: Infinity, answer: { kind: 'unknown' } };
    this.calls.push(call);
    const answering = ask(journal, submission);
    call.answer = await (lost === undefined ? answering : Promise.race([answering, lost.catch(nobody)]));
    call.respondedAt = this.#tick++;
    return call.answer;
  }
}

/** Sends one submission. @throws Error that is neither the domain's nor the journal's: a bug */
export async function ask(journal: Journal, submission: Submission): Promise<Answer> {
  try {
    return { kind: 'done', outcome: await execute(journal, submission) };
  } catch (error) {
    return answerOf(error);
  }
}

function execute(journal: Journal, submission: Submission): Promise<CommandOutcome<readonly number[]>> {
  const { commandId, body, operation, inbox } = submission;
  const envelope = envelopeOf({ commandId, correlationId: correlationOf(submission), request: Buffer.from(body) });
  return journal.execute(
    envelope,
    async (unit) => {
      const parcels = new Map(
        await Promise.all(openedBy(operation).map(async (parcel) => [parcel, await unit.open(PARCEL, parcel)] as const)),
      );
      const decision = decide(operation, (parcel) => piecesOf(parcels.get(parcel)?.state));
      if (!decision) throw new Refusal('a rule says no');
      for (const { parcel, event } of decision.appended) parcels.get(parcel)?.append(event);
      return decision.seen;
    },
    inbox && { inbox },
  );
}

function nobody(): Answer {
  return { kind: 'unknown' };
}

function answerOf(error: unknown): Answer {
  if (error instanceof Refusal) return { kind: 'refused' };
  if (!(error instanceof DomainError)) throw error;
  return error.code === 'DEPENDENCY_UNAVAILABLE' ? { kind: 'unknown' } : { kind: 'failed', code: error.code };
}
