import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@countersign/kernel';
import {
  COVER,
  ERASED,
  findBrokenSystemRule,
  KEY_ROTATED,
  LOG_CLOSED,
  LOG_OPENED,
  logStreamId,
  SYSTEM_EVENTS,
} from './system-events.js';

const source = 'countersign.example/inventory';
const digest = 'ab'.repeat(32);
const good: Readonly<Record<string, JsonObject>> = {
  [LOG_OPENED.type]: { logId: digest },
  [LOG_CLOSED.type]: { logId: digest, reason: 'service retired' },
  [KEY_ROTATED.type]: { keyUse: 'leaves', retiredKey: digest, newKey: digest, validFrom: '2026-04-01T00:00:00Z' },
  [ERASED.type]: { recordDigest: digest, sdDigest: digest, keyId: digest.slice(32), ground: 'request', authority: 'officer' },
  [COVER.type]: {},
};
const record = { source, subject: logStreamId(source), sequence: 0n, sd: [] };
const brokenField = (type: string, publicData: JsonObject, change: object = {}): string | undefined =>
  findBrokenSystemRule({ ...record, type, publicData, ...change })?.field;

describe('system records', () => {
  it.each(SYSTEM_EVENTS)(
    'of type $type are accepted in their form, and have no field that the schema does not list',
    ({ type, fields }) => {
      expect(brokenField(type, good[type]!)).toBeUndefined();
      expect(Object.keys(fields)).toEqual(expect.arrayContaining(Object.keys(good[type]!)));
      expect(brokenField(type, { ...good[type]!, note: 'x' })).toBe('data');
      expect(brokenField(type, good[type]!, { sd: ['x'] })).toBe('data._sd');
    },
  );

  it.each(SYSTEM_EVENTS)('of type $type need every field in its form', ({ type }) => {
    for (const name of Object.keys(good[type]!)) {
      const { [name]: _, ...without } = good[type]!;
      expect(brokenField(type, without)).toBe(`data.${name}`);
      for (const value of ['', 1, null, 'x'.repeat(300)])
        expect(brokenField(type, { ...good[type]!, [name]: value })).toBe(`data.${name}`);
    }
  });

  it('may name a successor only by its log id', () => {
    expect(brokenField(LOG_CLOSED.type, { ...good[LOG_CLOSED.type]!, successorLogId: digest })).toBeUndefined();
    expect(brokenField(LOG_CLOSED.type, { ...good[LOG_CLOSED.type]!, successorLogId: digest.toUpperCase() })).toBe(
      'data.successorLogId',
    );
  });

  it('open and close a log in its own stream only', () => {
    for (const { type } of [LOG_OPENED, LOG_CLOSED])
      expect(brokenField(type, good[type]!, { subject: 'stock/1' })).toBe('subject');
    expect(brokenField(ERASED.type, good[ERASED.type]!, { subject: 'stock/1' })).toBeUndefined();
    expect(brokenField(COVER.type, {}, { subject: 'cover/1' })).toBeUndefined();
  });

  it('open a log at sequence 0 only', () => {
    expect(brokenField(LOG_OPENED.type, good[LOG_OPENED.type]!, { sequence: 1n })).toBe('sequence');
    expect(brokenField(LOG_CLOSED.type, good[LOG_CLOSED.type]!, { sequence: 7n })).toBeUndefined();
  });

  it('of unknown types are refused, and other records left alone', () => {
    expect(brokenField('countersign.log.LogReopened.v1', {})).toBe('type');
    expect(brokenField('countersign.log.LogOpened.v2', { logId: digest })).toBe('type');
    expect(brokenField('countersign.inventory.LogOpened.v1', {})).toBeUndefined();
  });
});
