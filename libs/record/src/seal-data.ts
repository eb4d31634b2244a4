import type { EventSchema, JsonObject, JsonValue } from '@countersign/kernel';
import { encodeBase64Url } from '@countersign/merkle';
import { CLAIM_GROUP, claimObject, isGroupName, type Claim } from './claim.js';
import { createDisclosure, type Disclosure } from './disclosure.js';
import { requireFields, SD_ALG } from './payload.js';
import { randomSalt } from './randomness.js';
import { invalid } from './refusal.js';
import { SALT_SIZE } from './suite.js';

export interface SealedData {
  /** The SD-JWT payload for the header, put together from the next two. */
  readonly data: JsonObject;
  readonly sd: readonly string[];
  readonly publicData: JsonObject;
  readonly disclosures: readonly Disclosure[];
}

/**
 * Splits an event's data as its schema says: public fields stay in the payload, every other field goes into the disclosure of its
 * group. Fields that are `undefined` are absent; a group without fields makes no disclosure.
 *
 * @param salts fixed salts by group, for vectors; fresh random ones otherwise
 * @throws DomainError FIELD_INVALID, also for a field that the schema does not list
 */
export function sealData(
  schema: EventSchema,
  eventData: JsonObject,
  claim: Claim | undefined,
  salts: ReadonlyMap<string, Uint8Array> = new Map(),
): SealedData {
  const publicData: Record<string, JsonValue> = {};
  const groups = new Map<string, Record<string, JsonValue>>();
  for (const [name, value] of Object.entries(eventData)) {
    if (value === undefined) continue;
    const placement = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined;
    if (placement === undefined) throw invalid(name, 'is not in the schema of this event');
    if (placement === 'public') publicData[name] = value;
    else groupOf(groups, placement.group)[name] = value;
  }
  requireFields(publicData, 'data', 'FIELD_INVALID');
  const objects: [string, JsonObject][] = [...groups];
  if (claim !== undefined) objects.push([CLAIM_GROUP, claimObject(claim)]);
  const disclosures = objects.map(([group, object]) => {
    if (Object.hasOwn(publicData, group)) throw invalid(group, 'a group must not have the name of a public field');
    return createDisclosure(salts.get(group) ?? randomSalt(SALT_SIZE), group, object);
  });
  const sd = disclosures.map(({ digest }) => encodeBase64Url(digest)).sort();
  return { data: { _sd: sd, _sd_alg: SD_ALG, ...publicData }, sd, publicData, disclosures };
}

function groupOf(groups: Map<string, Record<string, JsonValue>>, name: string): Record<string, JsonValue> {
  let group = groups.get(name);
  if (group === undefined) {
    if (!isGroupName(name)) throw invalid(name, 'cannot name a group of an event schema');
    group = {};
    groups.set(name, group);
  }
  return group;
}
