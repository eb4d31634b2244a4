import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DomainError } from '@countersign/kernel';
import { decodeEntryBundle, leafHash } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { eventually } from '@countersign/testing';
import { serveSizes, type ServedSizes } from '../testing/served-sizes.js';
import type { ServedTree } from './served-tree.js';
import { openStaticDoor, type StaticDoor } from './static-door.js';
import { TreePrefixes } from './tree-prefixes.js';

const SIZE = 600;
let served: ServedSizes;
let door: StaticDoor;

beforeAll(async () => {
  served = await serveSizes([0, SIZE]);
  door = await openDoor(served.trees);
});
afterAll(() => door?.close());

function openDoor(trees: readonly ServedTree[]): Promise<StaticDoor> {
  return openStaticDoor({ host: '127.0.0.1', port: 0, trees, tiles: served.tiles, logger: silentLogger });
}

/** `fetch` would normalise the path. */
async function get(path: string, method = 'GET', url = door.url): Promise<{ status: number; headers: object; body: Buffer }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    asked.on('error', reject).end();
  });
}

const hashesOf = (from: number, to: number): Buffer => Buffer.concat(served.entries.slice(from, to).map(leafHash));

describe('the static door', () => {
  it('serves the checkpoint for a few seconds', async () => {
    const { status, headers, body } = await get(`/at-${SIZE}/checkpoint`);
    expect(status).toBe(200);
    expect(body.toString()).toMatch(/^countersign\.example\/identity\n600\n/);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'public, max-age=1',
      'content-length': String(body.length),
    });
  });

  it('serves tiles and entry bundles for ever', async () => {
    for (const path of ['tile/0/000', 'tile/1/000.p/2', 'tile/entries/002.p/88']) {
      expect(await get(`/at-${SIZE}/${path}`)).toMatchObject({
        status: 200,
        headers: {
          'content-type': 'application/octet-stream',
          'cache-control': 'public, max-age=31536000, immutable',
        },
      });
    }
    expect((await get('/at-600/tile/0/001')).body).toEqual(hashesOf(256, 512));
    expect((await get('/at-600/tile/0/002.p/88')).body).toEqual(hashesOf(512, 600));
    expect(decodeEntryBundle((await get('/at-600/tile/entries/001')).body, 256)).toEqual(served.entries.slice(256, 512));
  });

  it('serves partial tiles of any width up to the published one', async () => {
    for (const width of [1, 87, 255]) {
      expect((await get(`/at-600/tile/0/001.p/${width}`)).body).toEqual(hashesOf(256, 256 + width));
      const bundle = (await get(`/at-600/tile/entries/000.p/${width}`)).body;
      expect(decodeEntryBundle(bundle, width)).toEqual(served.entries.slice(0, width));
    }
  });

  it.each([
    '/at-600/tile/0/002.p/89',
    '/at-600/tile/0/002',
    '/at-600/tile/0/003.p/1',
    '/at-600/tile/1/000.p/3',
    '/at-600/tile/1/000',
    '/at-600/tile/2/000.p/1',
    '/at-600/tile/entries/002',
    '/at-600/tile/0/000.p/256',
    '/at-600/tile/0/x000/000',
    '/at-600/tile/8/0/000',
    '/at-600/checkpoint/',
    '/at-600/checkpoint?x=1',
    '/at-600//checkpoint',
    '//at-600/checkpoint',
    '/at-600/../at-600/checkpoint',
    '/at-60%30/checkpoint',
    '/at-600',
    '/',
    '/checkpoint',
    '/at-601/checkpoint',
    '/at-0/checkpoint',
    '/at-0/tile/0/000.p/1',
  ])('has no %s, and lets nobody remember that', async (path) => {
    expect(await get(path)).toMatchObject({ status: 404, headers: { 'cache-control': 'no-store' }, body: Buffer.alloc(0) });
  });

  it('is read-only', async () => {
    const { headers, body } = await get('/at-600/checkpoint', 'HEAD');
    expect(headers).toMatchObject({ 'content-length': String((await get('/at-600/checkpoint')).body.length) });
    expect(body.length).toBe(0);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect(await get('/at-600/checkpoint', method)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    }
  });

  it('says that it cannot answer, and does not answer with less than was asked for', async () => {
    const [, tree] = served.trees as [ServedTree, ServedTree];
    const unavailable = (): never => {
      throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'database' });
    };
    const longer = { ...tree, size: () => SIZE + 10 };
    const broken = await openDoor([{ ...longer, checkpoint: unavailable }]);
    expect(await get('/at-600/checkpoint', 'GET', broken.url)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(await get('/at-600/tile/0/002.p/98', 'GET', broken.url)).toMatchObject({ status: 500, body: Buffer.alloc(0) });
    await broken.close();
  });

  it('takes so many requests at a time, and lets those under way end when it closes', async () => {
    const waiting = Promise.withResolvers<string>();
    const slow = await openDoor(served.trees.map((tree) => ({ ...tree, checkpoint: () => waiting.promise })));
    const asked = Array.from({ length: 70 }, () => get('/at-600/checkpoint', 'GET', slow.url));
    let refused = 0;
    for (const reply of asked) void reply.then(({ status }) => (refused += status === 503 ? 1 : 0));
    await eventually(() => expect(refused).toBe(6));
    const closed = slow.close();
    waiting.resolve('note');
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(64);
    await closed;
    await expect(get('/at-600/checkpoint', 'GET', slow.url)).rejects.toThrow();
  });
});

describe('prefixes', () => {
  const tree = (origin: string, logId: string): ServedTree => ({ origin, logId }) as unknown as ServedTree;
  const find = (url: string, ...trees: ServedTree[]): string | undefined => new TreePrefixes(trees).find(url)?.tree.logId;

  it('are the log id, and what follows the host of the origin', () => {
    const trees = [tree('a.example/inventory', 'aa'), tree('a.example/inventory/heads', 'bb')];
    expect(find('/inventory/checkpoint', ...trees)).toBe('aa');
    expect(find('/aa/checkpoint', ...trees)).toBe('aa');
    expect(find('/inventory/heads/checkpoint', ...trees)).toBe('bb');
    expect(find('/bb/tile/0/000', ...trees)).toBe('bb');
    expect(find('/a.example/inventory/checkpoint', ...trees)).toBeUndefined();
  });

  it('are given to nobody if two logs could claim them, and a log id to its log only', () => {
    const trees = [tree('a.example/x', 'aa'), tree('b.example/x', 'bb'), tree('c.example/aa', 'cc')];
    expect(find('/x/checkpoint', ...trees)).toBeUndefined();
    expect(find('/bb/checkpoint', ...trees)).toBe('bb');
    expect(find('/aa/checkpoint', ...trees)).toBe('aa');
    expect(find('/cc/checkpoint', ...trees)).toBe('cc');
  });
});
