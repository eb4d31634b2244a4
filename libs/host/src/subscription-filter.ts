import type { LogRow, NaturalKey } from '@countersign/event-log';
import type { evidenceV1 } from '@countersign/proto';

import { naturalKeys, THING_KINDS } from './evidence-records.js';

/** Which records a subscription asks for, as far as the records themselves tell. */
export interface RecordFilter {
  /** The same text for requests that ask for the same: what a resume token is bound to. */
  readonly text: string;
  /** Empty: whatever keys its stream names. */
  readonly naturalKeys: readonly NaturalKey[];
  /** Whether category, type and stream match; says nothing of natural keys. */
  matches(row: Pick<LogRow, 'streamId' | 'type'>): boolean;
}

/** @throws DomainError CODE_UNKNOWN */
export function recordFilter(filter: evidenceV1.SubscriptionFilter | undefined): RecordFilter {
  const categories = new Set(filter?.categories);
  const types = new Set(filter?.types);
  const streamIds = new Set(filter?.streamIds);
  const keys = naturalKeys(filter?.naturalKeys ?? [], THING_KINDS, 'filter.natural_keys');
  const keyTexts = new Set(keys.map(({ kind, value }) => JSON.stringify([kind, value])));
  return {
    text: JSON.stringify([categories, types, streamIds, keyTexts].map((members) => [...members].toSorted())),
    naturalKeys: keys,
    matches: ({ streamId, type }) =>
      (categories.size === 0 || categories.has(categoryOf(streamId))) &&
      (types.size === 0 || types.has(type) || types.has(withoutVersion(type))) &&
      (streamIds.size === 0 || streamIds.has(streamId)),
  };
}

function categoryOf(streamId: string): string {
  const end = streamId.indexOf('/');
  return end < 0 ? streamId : streamId.slice(0, end);
}

function withoutVersion(type: string): string {
  return type.replace(/\.v\d+$/, '');
}
