import { DomainError } from './domain-error.js';
import type { PublishedEvent, Upcaster } from './event.js';

/** Turns an event of any known version into events of today's versions. What no upcaster knows comes out as it went in. */
export type Upcasting = (event: PublishedEvent) => readonly PublishedEvent[];

/**
 * Chains upcasters: version 1 to 2 and 2 to 3 make 1 to 3. Order is kept; what a split makes stands where the one event stood.
 *
 * @throws DomainError INTERNAL for two upcasters of one type; when used, for upcasters that lead in a circle: programming errors
 */
export function upcastingBy(upcasters: readonly Upcaster[]): Upcasting {
  const byType = new Map<string, Upcaster>(upcasters.map((upcaster) => [upcaster.schema.type, upcaster]));
  if (byType.size !== upcasters.length) throw new DomainError('INTERNAL', { rule: 'one upcaster an event type' });
  const upcast = (event: PublishedEvent, stepsMax: number): readonly PublishedEvent[] => {
    const upcaster = byType.get(event.type);
    if (!upcaster) return [event];
    if (stepsMax === 0)
      throw new DomainError('INTERNAL', { rule: 'upcasters lead to the newest version', context: { type: event.type } });
    return upcaster.upcast(event.data).flatMap((next) => upcast(next, stepsMax - 1));
  };
  return (event) => upcast(event, upcasters.length);
}
