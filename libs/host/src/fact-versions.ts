import type { Outcome } from '@countersign/kafka';
import { DomainError, upcastingBy, type EventSchema, type JsonObject, type Upcaster } from '@countersign/kernel';
import type { FactAddress } from './fact.js';

/** Which versions of which events a subscription reads. */
export interface FactVersions {
  /** Whether a fact is of an event that is read here, in whatever version; all others are passed by. */
  isRead(type: string): boolean;
  /**
   * Why a fact cannot be taken: an event that is read here, in a version that is not. A newer service than this one wrote it, so it
   * waits, with what follows in its stream, until this service is replaced; passing it by would lose what it says.
   */
  holdBack(address: FactAddress): Outcome | undefined;
  /** The fact as the newest version that is read here. @throws DomainError INTERNAL for upcasters that do not lead to one event of it */
  newest(type: string, data: JsonObject): { readonly type: string; readonly data: JsonObject };
}

/**
 * @param types that reactions and projections are for: the newest version of each event
 * @param upcasters of the earlier ones
 */
export function factVersions(types: readonly string[], upcasters: readonly Upcaster[]): FactVersions {
  const current = new Set(types);
  const known = new Set([...types, ...upcasters.map(({ schema }) => schema.type)]);
  const names = new Set([...known].map(nameOf));
  const upcast = upcastingBy(upcasters);
  return {
    isRead: (type) => names.has(nameOf(type)),
    holdBack: ({ type, subject, sequence }) => {
      if (known.has(type)) return undefined;
      const context = { streamId: subject, sequence: String(sequence), type };
      return { kind: 'retry', unavailable: true, error: new DomainError('EVENT_TYPE_UNKNOWN', { rule: type, context }) };
    },
    newest: (type, data) => {
      const [event, ...more] = upcast({ type: type as EventSchema['type'], data });
      // A fact has one effect, recorded once with its inbox entry.
      if (event === undefined || more.length > 0 || !current.has(event.type))
        throw new DomainError('INTERNAL', { rule: 'a fact is read as one event of the newest version', context: { type } });
      return event;
    },
  };
}

/** The event without its version. */
function nameOf(type: string): string {
  return type.replace(/\.v\d+$/, '');
}
