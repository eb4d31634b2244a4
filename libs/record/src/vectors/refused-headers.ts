import { canonicalText } from '../canonical-json.js';
import type { JsonObject, JsonValue } from '@countersign/kernel';
import type { RecordVector } from './record-vectors.js';

export interface RefusedHeaderVector {
  readonly name: string;
  /** The field that the refusal names. */
  readonly field: string;
  readonly header: string;
}

const LONG = 'x'.repeat(300);
const OTHER_DIGEST = 'A'.repeat(42);

/** One value for a field that its rule excludes; `undefined` takes the field away. */
const BROKEN_VALUES: readonly [field: string, value: JsonValue | undefined, name: string][] = [
  ['specversion', '1.1', 'another CloudEvents version'],
  ['id', '0198f3a0-0001-4000-8000-000000000001', 'a UUIDv4'],
  ['id', '0198F3A0-0001-7000-8000-000000000001', 'an upper-case UUID'],
  ['id', undefined, 'no id'],
  ['source', 'countersign.example/inventory+1', 'a plus in the origin'],
  ['source', '', 'an empty origin'],
  ['type', 'countersign.inventory.materielReceived.v1', 'an event name in lower case'],
  ['type', 'countersign.inventory.MaterielReceived.v01', 'a version with a leading zero'],
  ['type', 'countersign.log.LogReopened.v1', 'an unknown system type'],
  ['subject', 'stock', 'a stream id without key'],
  ['subject', `stock/${LONG}`, 'a stream id that is too long'],
  ['subject', 'stock/Z9D/12 9999901', 'a stream id with a space'],
  ['sequence', '1', 'a sequence without leading zeros'],
  ['sequence', '18446744073709551616', 'a sequence beyond 64 bits'],
  ['sequence', 1, 'a sequence as a number'],
  ['prev', undefined, 'no prev after sequence 0'],
  ['prev', `${OTHER_DIGEST}B`, 'a prev with spare bits set'],
  ['prev', `${OTHER_DIGEST}A=`, 'a prev with padding'],
  ['time', '2026-03-02T10:00:00', 'a time without offset'],
  ['time', '2026-02-30T10:00:00Z', 'a day that does not exist'],
  ['time', '2026-03-02t10:00:00z', 'a time in lower case'],
  ['time', '2026-03-02T23:59:60Z', 'a leap second'],
  ['recordedtime', undefined, 'no recorded time'],
  ['actor', '', 'an empty actor'],
  ['actor', null, 'null'],
  ['actingfor', 'W99 DP1', 'a space'],
  ['causationid', '', 'an empty causation id'],
  ['correlationid', LONG, 'a correlation id that is too long'],
  ['label', 'RESTRICTED', 'a classification that is not in the list'],
  ['label', 'NATO RESTRICTED REL TO USA DEU', 'nations out of order'],
  ['label', undefined, 'no label'],
  ['suite', '2', 'another suite'],
  ['suite', 1, 'the suite as a number'],
  ['policy', undefined, 'no policy'],
  ['salt', OTHER_DIGEST, 'a salt of 31 bytes'],
  ['salt', undefined, 'no salt'],
  ['claim', 'A'.repeat(43), 'a claim of zeros'],
  ['claim', 'x', 'a claim that is no digest'],
  ['authorsig', 'key-1.EdDSA', 'an author signature without signature'],
  ['authorsig', `key-1.none.${'A'.repeat(86)}`, 'another signature algorithm'],
  ['datacontenttype', 'text/plain', 'another content type'],
  ['data', undefined, 'no data'],
  ['data', 'text', 'data as text'],
];

const BROKEN_DATA: readonly [field: string, change: JsonObject, name: string][] = [
  ['data._sd_alg', { _sd_alg: 'sha-512' }, 'another hash'],
  ['data._sd', { _sd: ['short'] }, 'a digest that is none'],
  ['data._sd', { _sd: [`${'B'.repeat(42)}A`, `${'A'.repeat(42)}E`] }, 'digests out of order'],
  ['data._sd', { _sd: [`${'B'.repeat(42)}A`, `${'B'.repeat(42)}A`] }, 'a repeated digest'],
  ['data', { '...': 'x' }, 'a decoy'],
  ['data', { lots: [{ '...': 'x' }] }, 'a nested array disclosure'],
  ['data', { lots: { _sd: [] } }, 'a nested _sd'],
  ['data', { '1st': true }, 'a field name that begins with a digit'],
  ['data.intent', { intent: { _sd: [], _sd_alg: 'sha-256' } }, 'an intent without author signature'],
];

/** Changes of one good header, each of which must be refused, in canonical form unless that is the change. */
export function refusedHeaders(records: readonly RecordVector[]): RefusedHeaderVector[] {
  const second = records[2];
  const opened = records[0];
  if (second === undefined || opened === undefined) throw new Error('the record vectors are incomplete');
  const good = JSON.parse(second.header) as JsonObject;
  const text = (header: JsonObject): string => canonicalText(header);
  const changed = (change: Readonly<Record<string, JsonValue | undefined>>): string => text({ ...good, ...change } as JsonObject);
  const withData = (change: JsonObject): string => changed({ data: { ...(good['data'] as JsonObject), ...change } });
  const openedWith = (change: JsonObject): string => text({ ...(JSON.parse(opened.header) as JsonObject), ...change });
  return [
    ...BROKEN_VALUES.map(([field, value, name]) => ({ name: `${field}: ${name}`, field, header: changed({ [field]: value }) })),
    ...BROKEN_DATA.map(([field, change, name]) => ({ name: `data: ${name}`, field, header: withData(change) })),
    { name: 'prev at sequence 0', field: 'prev', header: changed({ sequence: '0'.repeat(20) }) },
    { name: 'a field that is not in the list', field: 'header', header: changed({ dataschema: 'https://example.com/1' }) },
    { name: 'a name in upper case', field: 'header', header: changed({ Actor: 'a-1' }) },
    { name: 'more than 60 KiB', field: 'header', header: withData({ lots: 'x'.repeat(61_000) }) },
    { name: 'an array', field: 'header', header: '[]' },
    { name: 'a space', field: 'json', header: second.header.replace(',', ', ') },
    { name: 'a repeated field', field: 'json', header: second.header.replace('"actor"', '"actor":"a-0","actor"') },
    { name: 'a float', field: 'json', header: second.header.replace('"quantity":1', '"quantity":1.5') },
    { name: 'LogOpened without log id', field: 'data.logId', header: openedWith({ data: { _sd: [], _sd_alg: 'sha-256' } }) },
    { name: 'LogOpened in another stream', field: 'subject', header: openedWith({ subject: 'log/elsewhere' }) },
    {
      name: 'LogOpened with another field',
      field: 'data',
      header: openedWith({ data: { ...((JSON.parse(opened.header) as JsonObject)['data'] as JsonObject), note: 'x' } }),
    },
  ];
}
