import { PassThrough } from 'node:stream';
import { CallError } from '@countersign/grpc';
import type { evidenceV1 } from '@countersign/proto';
import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import type { SourceClient } from '../platform/clients.js';
import { tail } from './tail.js';
import { tailOptions, type TailOptions } from './tail-options.js';

type Message = evidenceV1.SubscribeResponse['message'];
type Evidence = Pick<SourceClient['evidence'], 'getLog' | 'subscribe'>;

const HEADER = Buffer.from('{"not":"a header","evil":"\\u001b[2J"}');

function records(next: bigint, ...positions: bigint[]): Message {
  const type = 'countersign.inventory.StockIssued.v1';
  const subscribed = positions.map((position) => ({
    record: {
      position,
      sequence: 7n,
      header: HEADER,
      entry: Buffer.from('entry'),
      disclosures: [Buffer.from(JSON.stringify(['salt', 'logistics', { quantity: 4 }])).toString('base64url')],
      alteredDisclosures: position === 9n ? ['digest'] : [],
    },
    streamId: 'stock/Z9D/015465999\u001b[2J',
    type,
  }));
  return {
    case: 'records',
    value: { records: subscribed, nextPosition: next, resumeToken: `token-${next}` },
  } as unknown as Message;
}

function heartbeat(next: bigint, head: bigint): Message {
  const value = { nextPosition: next, headPosition: head, caughtUp: next === head, resumeToken: `token-${next}` };
  return { case: 'heartbeat', value } as unknown as Message;
}

function broken(statusName: 'UNAVAILABLE' | 'DATA_LOSS' | 'INVALID_ARGUMENT', code: string): CallError {
  const status = { UNAVAILABLE: 14, DATA_LOSS: 15, INVALID_ARGUMENT: 3 }[statusName];
  return new CallError(`call: ${code}`, { status, code, violations: [], correlationId: 'c' });
}

/** A service that plays one list of messages a call; the last one of a list may be what it fails with. */
function serviceOf(...plays: (Message | CallError)[][]): { evidence: Evidence; requests: evidenceV1.SubscribeRequest[] } {
  const requests: evidenceV1.SubscribeRequest[] = [];
  const evidence = {
    getLog: () => Promise.resolve({ size: 12n }),
    async *subscribe(request: evidenceV1.SubscribeRequest) {
      requests.push(request);
      for (const message of plays.shift() ?? []) {
        await Promise.resolve();
        if (message instanceof CallError) throw message;
        yield { message };
      }
    },
  };
  return { evidence: evidence as unknown as Evidence, requests };
}

function optionsOf(...args: string[]): TailOptions {
  const command = tailOptions(new Command('tail'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(['inventory', ...args], { from: 'user' }).opts();
}

async function run(service: { evidence: Evidence }, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const code = await tail(service.evidence, optionsOf(...args), { out, err, signal: new AbortController().signal });
  return { code, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
}

describe('tail', () => {
  it('begins at the end of the log, or where it is told to', async () => {
    const startOf = async (...args: string[]): Promise<unknown> => {
      const service = serviceOf([]);
      await run(service, ...args);
      return service.requests[0]?.start;
    };
    expect(await startOf()).toEqual({ case: 'fromPosition', value: 12n });
    expect(await startOf('--from', '0')).toEqual({ case: 'fromPosition', value: 0n });
    expect(await startOf('--resume', 'token')).toEqual({ case: 'resumeToken', value: 'token' });
  });

  it('asks for what it was told', async () => {
    const service = serviceOf([]);
    await run(
      service,
      ...'--category order --category stock --type T --stream a/b --key piid=W=1 --heartbeat 3 --no-disclosures --until-head'.split(
        ' ',
      ),
    );
    expect(service.requests[0]).toMatchObject({
      filter: { categories: ['order', 'stock'], types: ['T'], streamIds: ['a/b'], naturalKeys: [{ kind: 'piid', value: 'W=1' }] },
      heartbeatIntervalMs: 3_000,
      omitDisclosures: true,
      endAtHead: true,
    });
  });

  it('prints a line a record, and how far it is on stderr, whatever is in it', async () => {
    const { code, out, err } = await run(serviceOf([heartbeat(8n, 10n), records(10n, 8n, 9n), heartbeat(10n, 10n)]));
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe('        8  inventory.StockIssued.v1  stock/Z9D/015465999\\u{1b}[2J#7  UNREADABLE HEADER');
    expect(lines[1]).toContain('ALTERED: 1 disclosures');
    expect(out).toMatch(/^[ -~\n]+$/);
    expect(err).toBe(
      '-- heartbeat: head 10, next 8, lag 2, catching up, resume token-8\n-- heartbeat: head 10, next 10, lag 0, resume token-10\n',
    );
  });

  it('prints JSON a line', async () => {
    const { out, err } = await run(serviceOf([records(9n, 8n), heartbeat(9n, 10n)]), '--json');
    expect(JSON.parse(out)).toMatchObject({
      position: '8',
      sequence: '7',
      type: 'countersign.inventory.StockIssued.v1',
      header: { not: 'a header' },
      entry: Buffer.from('entry').toString('base64'),
      disclosures: [['salt', 'logistics', { quantity: 4 }]],
      alteredDisclosures: [],
    });
    expect(JSON.parse(err)).toEqual({
      heartbeat: { headPosition: '10', nextPosition: '9', lag: '1', caughtUp: false, resumeToken: 'token-9' },
    });
  });

  it('takes a broken connection up again behind what it printed', async () => {
    const service = serviceOf([records(9n, 8n), broken('UNAVAILABLE', 'SERVICE_STOPPING')], [records(10n, 9n)]);
    const { code, out, err } = await run(service, '--from', '8', '--json');
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { position: string }).position),
    ).toEqual(['8', '9']);
    expect(service.requests[1]?.start).toEqual({ case: 'resumeToken', value: 'token-9' });
    expect(JSON.parse(err)).toMatchObject({ interruption: { code: 'SERVICE_STOPPING', attempt: 1 } });
  });

  it('ends with 1 where the log was rewound, and fails at what no repetition helps', async () => {
    const rewound = await run(serviceOf([heartbeat(1n, 1n), broken('DATA_LOSS', 'LOG_REWOUND')]));
    expect(rewound).toMatchObject({ code: 1, err: expect.stringContaining('LOG_REWOUND') });
    const wrong = run(serviceOf([broken('INVALID_ARGUMENT', 'RESUME_TOKEN_INVALID')]), '--resume', 'x');
    await expect(wrong).rejects.toMatchObject({ code: 'RESUME_TOKEN_INVALID' });
  });

  it('tells how to go on when it is ended, and does not read on for a reader that is slow', async () => {
    const ending = new AbortController();
    const [out, err] = [new PassThrough({ highWaterMark: 100 }), new PassThrough()];
    const service = serviceOf([records(5n, 4n), records(7n, 5n, 6n), records(8n, 7n)]);
    const running = tail(service.evidence, optionsOf('--json'), { out, err, signal: ending.signal });
    for (let waits = 0; waits < 20; waits += 1) await new Promise((resolve) => setImmediate(resolve));
    const printed = String(out.read());
    expect(printed.trimEnd().split('\n')).toHaveLength(1);
    for (let waits = 0; waits < 20; waits += 1) await new Promise((resolve) => setImmediate(resolve));
    ending.abort();
    expect(await running).toBe(0);
    expect(JSON.parse(String(err.read()))).toEqual({ resumeToken: 'token-5' });
  });

  it.each([
    ['--from', 'x'],
    ['--from', '-1'],
    ['--key', 'piid'],
    ['--heartbeat', '0'],
    ['--heartbeat', '61'],
    ['--from', '1', '--resume', 'x'],
  ])('refuses %s %s', (...args) => {
    expect(() => optionsOf(...args)).toThrow(expect.objectContaining({ exitCode: 1 }));
  });
});
