import type { InboxEntry } from '../journal.js';
import { decide, type Decision, type Submission } from './operations.js';

/** What a call must be told at some moment. */
export type Verdict =
  | { readonly kind: 'done'; readonly decision: Decision }
  | { readonly kind: 'refused' }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'reused' | 'consumed' | 'gap' };

/** What `Journal` promises, one command after the other: state as numbers, no records, no versions, no retries. */
export class ReferenceJournal {
  constructor(
    private readonly bodies: ReadonlyMap<string, string> = new Map(),
    private readonly pieces: ReadonlyMap<string, number> = new Map(),
    private readonly messages: ReadonlySet<string> = new Set(),
    private readonly subjects: ReadonlyMap<string, bigint> = new Map(),
  ) {}

  piecesIn(parcel: string): number | undefined {
    return this.pieces.get(parcel);
  }

  verdict({ commandId, body, operation, inbox }: Submission): Verdict {
    const recorded = this.bodies.get(commandId);
    if (recorded !== undefined) return { kind: recorded === body ? 'repeated' : 'reused' };
    const turn = inbox && this.turnOf(inbox);
    if (turn) return { kind: turn };
    const decision = decide(operation, (parcel) => this.piecesIn(parcel));
    return decision ? { kind: 'done', decision } : { kind: 'refused' };
  }

  /** The reference with one command more. */
  after({ commandId, body, inbox }: Submission, { appended }: Decision): ReferenceJournal {
    const pieces = new Map(this.pieces);
    for (const { parcel, event } of appended) {
      const left = (pieces.get(parcel) ?? 0) - event.data.pieces;
      pieces.set(parcel, event.type === 'ParcelPacked' ? event.data.pieces : left);
    }
    return new ReferenceJournal(
      new Map(this.bodies).set(commandId, body),
      pieces,
      inbox ? new Set(this.messages).add(inbox.eventId) : this.messages,
      inbox ? new Map(this.subjects).set(inbox.subject, inbox.sequence + 1n) : this.subjects,
    );
  }

  /** Undefined if it is the message's turn. */
  turnOf({ eventId, subject, sequence }: InboxEntry): 'consumed' | 'gap' | undefined {
    const next = this.subjects.get(subject) ?? 0n;
    if (this.messages.has(eventId) || sequence < next) return 'consumed';
    return sequence > next ? 'gap' : undefined;
  }
}
