import { describe, expect, it } from '@jest/globals';

import { withCorrelation } from './correlation.js';
import type { LogFields } from './log-fields.js';
import { createLogger } from './logger.js';

const TOKEN = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';

function capture(): {
  readonly lines: () => Record<string, unknown>[];
  readonly text: () => string;
  readonly write: (line: string) => void;
} {
  const written: string[] = [];
  return {
    write: (line) => written.push(line),
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line)),
  };
}

describe('a log line', () => {
  it('carries level, time, service, event and listed facts', () => {
    const sink = capture();
    createLogger({ service: 'inventory', destination: sink }).info('appended', { position: 12n, count: 3 });
    expect(sink.lines()).toEqual([
      { level: 'info', time: expect.any(String), service: 'inventory', event: 'appended', position: '12', count: 3 },
    ]);
  });

  it('drops facts that are not on the list, and says which', () => {
    const sink = capture();
    createLogger({ service: 'x', destination: sink }).info('e', {
      justification: 'canary',
      token: 'canary',
      size: 1,
    } as LogFields);
    expect(sink.text()).not.toContain('canary');
    expect(sink.lines()[0]).toMatchObject({ size: 1, dropped: 'justification,token' });
  });

  it('drops listed facts that are not plain', () => {
    const sink = capture();
    createLogger({ service: 'x', destination: sink }).info('e', { reason: { secret: 'canary' } } as unknown as LogFields);
    expect(sink.text()).not.toContain('canary');
  });

  it('blanks tokens, keys and passwords in texts and errors', () => {
    const sink = capture();
    const cause = new Error('-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----');
    const error = new Error(`connect postgres://app:canary@127.0.0.1/db with ${TOKEN}`, { cause });
    createLogger({ service: 'x', destination: sink }).error('failed', { reason: `Bearer ${TOKEN}`, error });
    expect(sink.text()).not.toContain('canary');
    expect(sink.text()).not.toContain('eyJ');
    expect(sink.lines()[0]).toMatchObject({ error: { name: 'Error', cause: { message: '[key]' } } });
  });

  it('copies nothing that a driver hangs on its error', () => {
    const sink = capture();
    const error = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'Key (serial)=(canary)',
      parameters: ['canary'],
    });
    createLogger({ service: 'x', destination: sink }).error('failed', { error });
    expect(sink.text()).not.toContain('canary');
    expect(sink.lines()[0]).toMatchObject({ error: { code: '23505' } });
  });

  it('carries the correlation id of the work it was written for', async () => {
    const sink = capture();
    const logger = createLogger({ service: 'x', destination: sink }).with({ topic: 't' });
    await withCorrelation('corr-0001', async () => {
      await Promise.resolve();
      logger.warn('inside');
    });
    logger.warn('outside');
    expect(sink.lines().map(({ correlationId, topic }) => [correlationId, topic])).toEqual([
      ['corr-0001', 't'],
      [undefined, 't'],
    ]);
  });

  it('is not written below the level', () => {
    const sink = capture();
    createLogger({ service: 'x', level: 'warn', destination: sink }).info('quiet');
    expect(sink.lines()).toEqual([]);
  });
});
