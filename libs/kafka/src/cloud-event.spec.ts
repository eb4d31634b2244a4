import { describe, expect, it } from '@jest/globals';
import type { DomainError } from '@countersign/kernel';
import { CloudEvent as SdkEvent, Kafka } from 'cloudevents';
import { parseCloudEvent } from './cloud-event.js';
import type { IncomingHeaders } from './event-bus.js';

const TYPE = 'countersign.in.procurement.order.v1';
const structuredType = 'application/cloudevents+json; charset=UTF-8';

function message(
  headers: Record<string, string | readonly string[]>,
  value: string | null,
): { headers: IncomingHeaders; value: Buffer | null } {
  const entries = Object.entries(headers).map(([name, text]) => [name, [text].flat().map((each) => Buffer.from(each))] as const);
  return { headers: new Map(entries), value: value === null ? null : Buffer.from(value) };
}

const envelope = { specversion: '1.0', id: 'a-1', source: '/erp/usa', type: TYPE, data: { piid: 'x' } };
const binaryHeaders = {
  ce_specversion: '1.0',
  ce_id: 'a-1',
  ce_source: '/erp/usa',
  ce_type: TYPE,
  'content-type': 'application/json',
};

function refusal(headers: Record<string, string | readonly string[]>, value: string | null): string | undefined {
  try {
    parseCloudEvent(message(headers, value));
  } catch (error) {
    expect((error as DomainError).code).toBe('SCHEMA_INVALID');
    return (error as DomainError).detail.field;
  }
  throw new Error('It was accepted.');
}

describe('A CloudEvent over Kafka', () => {
  it('is read in structured mode', () => {
    const event = parseCloudEvent(
      message({ 'content-type': structuredType }, JSON.stringify({ ...envelope, subject: 's', time: 't', correlationid: 'c' })),
    );
    expect(event).toMatchObject({
      mode: 'structured',
      id: 'a-1',
      source: '/erp/usa',
      type: TYPE,
      subject: 's',
      time: 't',
      extensions: { correlationid: 'c' },
      data: { piid: 'x' },
    });
  });

  it('is read in binary mode', () => {
    const event = parseCloudEvent(message({ ...binaryHeaders, ce_correlationid: 'c', other: 'ignored' }, '{"piid":"x"}'));
    expect(event).toMatchObject({
      mode: 'binary',
      id: 'a-1',
      type: TYPE,
      extensions: { correlationid: 'c' },
      data: { piid: 'x' },
    });
  });

  it('is read as the CloudEvents SDK writes it, in both modes', () => {
    const sdk = new SdkEvent({
      id: 'a-1',
      source: '/erp/usa',
      type: TYPE,
      subject: 's',
      data: { piid: 'x' },
      datacontenttype: 'application/json',
    });
    const structured = Kafka.structured(sdk);
    const binary = Kafka.binary(sdk);
    const headersOf = (headers: object): Record<string, string> =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(parseCloudEvent(message(headersOf(structured.headers), String(structured.value)))).toMatchObject({
      id: 'a-1',
      subject: 's',
      data: { piid: 'x' },
    });
    // The SDK leaves JSON unserialised in binary mode; a producer serialises it.
    expect(parseCloudEvent(message(headersOf(binary.headers), JSON.stringify(binary.value)))).toMatchObject({
      id: 'a-1',
      subject: 's',
      data: { piid: 'x' },
    });
  });

  it.each([
    ['no value', {}, null, 'value'],
    ['neither mode', { 'content-type': 'application/json' }, '{}', 'content-type'],
    ['a batch', { 'content-type': 'application/cloudevents-batch+json' }, '[]', 'content-type'],
    ['a list', { 'content-type': structuredType }, '[]', 'value'],
    ['no data', { 'content-type': structuredType }, JSON.stringify({ ...envelope, data: undefined }), 'data'],
    [
      'base64 data',
      { 'content-type': structuredType },
      JSON.stringify({ ...envelope, data: undefined, data_base64: 'e30=' }),
      'data',
    ],
    ['no id', { 'content-type': structuredType }, JSON.stringify({ ...envelope, id: undefined }), 'id'],
    ['an empty id', { 'content-type': structuredType }, JSON.stringify({ ...envelope, id: '' }), 'id'],
    ['an id of 65 characters', { 'content-type': structuredType }, JSON.stringify({ ...envelope, id: 'i'.repeat(65) }), 'id'],
    ['an id with a blank', { 'content-type': structuredType }, JSON.stringify({ ...envelope, id: 'a b' }), 'id'],
    ['another version', { 'content-type': structuredType }, JSON.stringify({ ...envelope, specversion: '0.3' }), 'specversion'],
    ['an upper-case attribute', { 'content-type': structuredType }, JSON.stringify({ ...envelope, Idem: 'x' }), 'attributes'],
    ['an object as attribute', { 'content-type': structuredType }, JSON.stringify({ ...envelope, subject: {} }), 'subject'],
    [
      'XML data',
      { 'content-type': structuredType },
      JSON.stringify({ ...envelope, datacontenttype: 'text/xml' }),
      'datacontenttype',
    ],
    ['a repeated header', { ...binaryHeaders, ce_id: ['a-1', 'a-2'] }, '{}', 'ce_id'],
    ['a repeated content type', { 'content-type': [structuredType, 'application/json'] }, '{}', 'content-type'],
    ['binary mode without content type', { ...binaryHeaders, 'content-type': '' }, '{}', 'datacontenttype'],
  ] as [string, Record<string, string | readonly string[]>, string | null, string][])(
    'is refused with %s',
    (_name, headers, value, field) => {
      expect(refusal(headers, value)).toBe(field);
    },
  );

  it('is refused with a member named twice, in the envelope and in the data', () => {
    expect(refusal({ 'content-type': structuredType }, `{"id":"x",${JSON.stringify(envelope).slice(1)}`)).toBe('id');
    expect(refusal(binaryHeaders, '{"piid":"x","piid":"y"}')).toBe('piid');
  });
});
