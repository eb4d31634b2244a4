import type { Fact } from '@countersign/host';
import type { EvidenceSource } from '../agreement/evidence.js';

/** Names a fact's record. */
export function sourceOf(fact: Pick<Fact, 'header' | 'recordDigest'>): EvidenceSource {
  return {
    origin: fact.header.source,
    eventId: fact.header.id,
    recordDigest: Buffer.from(fact.recordDigest).toString('hex'),
  };
}
