import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createJsonRpc, type SendBatch } from './json-rpc.js';

const CALLS = [
  { method: 'first', params: [] },
  { method: 'second', params: [1] },
];
const ok = (id: unknown, result: unknown = '0x1'): object => ({ jsonrpc: '2.0', id, result });

describe('the JSON-RPC client', () => {
  let server: Server;
  let url: string;
  /** Makes the server's answer from the ids that it was asked with. */
  let answer: (ids: readonly [number, number]) => string | undefined;
  let status = 200;
  let send: SendBatch;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const calls = JSON.parse(Buffer.concat(chunks).toString()) as { id: number }[];
        const body = answer([calls[0]?.id ?? 0, calls[1]?.id ?? 0]);
        if (body === undefined) return; // Never answers.
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    send = createJsonRpc({ url, timeoutMs: 300 });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('gives replies in call order, however the node ordered them, and refusals as they are', async () => {
    answer = ([a, b]) => JSON.stringify([{ jsonrpc: '2.0', id: b, error: { code: -32000, message: 'no' } }, ok(a, null)]);
    expect(await send(CALLS)).toEqual([{ result: null }, { refusal: { code: -32000, message: 'no' } }]);
  });

  it.each<[string, (ids: readonly [number, number]) => string | undefined]>([
    ['no answer at all', () => undefined],
    ['no JSON', () => '<html>'],
    ['an empty body', () => ''],
    ['an object instead of a batch', ([a]) => JSON.stringify(ok(a))],
    ['too few replies', ([a]) => JSON.stringify([ok(a)])],
    ['too many replies', ([a, b]) => JSON.stringify([ok(a), ok(b), ok(b)])],
    ['one call answered twice', ([a]) => JSON.stringify([ok(a), ok(a)])],
    ['a foreign id', ([a]) => JSON.stringify([ok(a), ok(999_999)])],
    ['an id as text', ([a, b]) => JSON.stringify([ok(a), ok(String(b))])],
    ['no version', ([a, b]) => JSON.stringify([ok(a), { id: b, result: '0x1' }])],
    ['neither result nor error', ([a, b]) => JSON.stringify([ok(a), { jsonrpc: '2.0', id: b }])],
    ['an error without a code', ([a, b]) => JSON.stringify([ok(a), { jsonrpc: '2.0', id: b, error: { message: 'x' } }])],
    ['null as a reply', ([a]) => JSON.stringify([ok(a), null])],
    ['five megabytes', ([a, b]) => JSON.stringify([ok(a), ok(b, '0'.repeat(5_000_000))])],
  ])('takes %s for no answer', async (_, reply) => {
    answer = reply;
    await expect(send(CALLS)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
  });

  it('takes an HTTP error and a refused connection for no answer', async () => {
    answer = ([a, b]) => JSON.stringify([ok(a), ok(b)]);
    status = 502;
    await expect(send(CALLS)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    status = 200;
    const nobody = createJsonRpc({ url: 'http://127.0.0.1:1', timeoutMs: 300 });
    await expect(nobody(CALLS)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
  });
});
