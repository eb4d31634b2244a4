import { createLogger } from '@countersign/observability';
import { describe, expect, it } from '@jest/globals';

import { Closers } from './closers.js';
import { Readiness } from './health.js';
import { HttpDoorsController } from './http-doors.controller.js';

function logged(): { readonly events: string[]; readonly logger: ReturnType<typeof createLogger> } {
  const events: string[] = [];
  return {
    events,
    logger: createLogger({ service: 'x', destination: { write: (line) => events.push(JSON.parse(line).event) } }),
  };
}

describe('readiness', () => {
  it('holds while the service accepts and every part answers', async () => {
    const { logger } = logged();
    const readiness = new Readiness([{ name: 'database', probe: () => Promise.resolve() }], logger);
    expect(await readiness.check()).toEqual({ ready: false, parts: { accepting: false, database: true } });
    readiness.accept(true);
    expect(await readiness.check()).toEqual({ ready: true, parts: { accepting: true, database: true } });
  });

  it.each([
    ['fails', () => Promise.reject(new Error('down'))],
    ['says no', () => Promise.resolve(false)],
  ])('does not hold while a part %s; that is logged once', async (_name, probe) => {
    const { logger, events } = logged();
    const readiness = new Readiness([{ name: 'kafka', probe }], logger);
    readiness.accept(true);
    await readiness.check();
    expect(await readiness.check()).toMatchObject({ ready: false, parts: { kafka: false } });
    expect(events).toEqual(['dependency-missing']);
  });

  it('is told over HTTP, with the parts by name', async () => {
    const readiness = new Readiness([{ name: 'kafka', probe: () => Promise.resolve(false) }], logged().logger);
    const doors = new HttpDoorsController(readiness, { expose: () => Promise.resolve(''), close: () => Promise.resolve() });
    await expect(doors.ready()).rejects.toMatchObject({ status: 503, response: { parts: { accepting: false, kafka: false } } });
  });

  it('asks the parts once, however many ask it', async () => {
    let probes = 0;
    const readiness = new Readiness([{ name: 'database', probe: () => Promise.resolve((probes += 1)) }], logged().logger);
    await Promise.all([readiness.check(), readiness.check(), readiness.check()]);
    expect(probes).toBe(1);
  });
});

describe('closers', () => {
  it('close in reverse order, each once, past a step that fails', async () => {
    const { logger, events } = logged();
    const closed: string[] = [];
    const closers = new Closers(logger);
    closers.add('first', () => closed.push('first'));
    closers.add('second', () => Promise.reject(new Error('stuck')));
    closers.add('third', async () => closed.push('third'));
    await Promise.all([closers.closeAll(), closers.closeAll()]);
    expect(closed).toEqual(['third', 'first']);
    expect(events).toEqual(['close-failed']);
  });
});
