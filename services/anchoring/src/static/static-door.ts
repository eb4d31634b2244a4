import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DomainError } from '@countersign/kernel';
import type { Logger } from '@countersign/observability';
import { alarm } from '../alarm.js';
import { LIMITS } from '../config.js';
import type { TreeStore } from '../storage/stores.js';
import { readResource, type ServedTree } from './served-tree.js';
import { TreePrefixes } from './tree-prefixes.js';

export interface StaticDoor {
  /** `http://host:port`, with the port that was bound. */
  readonly url: string;
  /** Takes no more requests and ends those under way. */
  close(): Promise<void>;
}

export interface StaticDoorOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly trees: readonly ServedTree[];
  readonly tiles: Pick<TreeStore, 'tile'>;
  readonly logger: Logger;
}

const FOREVER = 'public, max-age=31536000, immutable';
/** C2SP tlog-tiles: “its headers SHOULD prevent caching beyond a few seconds”. */
const FEW_SECONDS = `public, max-age=${LIMITS.checkpointCachedSeconds}`;
const NEVER = 'no-store';

/**
 * Serves trees read-only over HTTP as C2SP tlog-tiles. Entries are content-free, so nobody is asked who he is; it writes nothing and
 * reaches no table but those of entries, tiles and checkpoints.
 */
export async function openStaticDoor({ host, port, trees, tiles, logger }: StaticDoorOptions): Promise<StaticDoor> {
  const prefixes = new TreePrefixes(trees);
  let running = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (running >= LIMITS.staticRequestsMax) return refuse(response, 503, { 'retry-after': '1' });
    running += 1;
    try {
      await serve(request, response, prefixes, tiles);
    } catch (error) {
      fail(error, response, logger);
    } finally {
      running -= 1;
    }
  };
  const server = createServer(
    {
      maxHeaderSize: LIMITS.staticHeaderBytesMax,
      requestTimeout: LIMITS.staticRequestMs,
      headersTimeout: LIMITS.staticRequestMs,
    },
    (request, response) => void answer(request, response),
  );
  server.maxConnections = LIMITS.staticConnectionsMax;
  server.listen(port, host);
  await once(server, 'listening');
  const bound = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), LIMITS.staticDrainMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  prefixes: TreePrefixes,
  tiles: Pick<TreeStore, 'tile'>,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, { allow: 'GET, HEAD' });
  const found = prefixes.find(request.url ?? '');
  const resource = found && (await readResource(found.tree, found.path, tiles));
  if (resource === undefined) return refuse(response, 404);
  response.writeHead(200, {
    'content-type': resource.type,
    'content-length': resource.body.length,
    'cache-control': resource.immutable ? FOREVER : FEW_SECONDS,
    'x-content-type-options': 'nosniff',
  });
  // Node sends no body in answer to HEAD.
  response.end(resource.body);
}

/** The next tree may have what this one has not: no refusal is kept. */
function refuse(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'cache-control': NEVER, 'content-length': 0, ...headers }).end();
}

function fail(error: unknown, response: ServerResponse, logger: Logger): void {
  if (error instanceof DomainError && error.kind === 'unavailable') return refuse(response, 503, { 'retry-after': '1' });
  const origin = error instanceof DomainError ? String(error.detail.context?.['log'] ?? '') : '';
  alarm(logger, 'static-resource-broken', origin, { error });
  refuse(response, 500);
}
