import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Where the next connection that sends the marked bytes is cut. */
export type Cut = 'before-the-server' | 'before-the-answer';

/** A TCP proxy that loses either a request or its answer: the two ways an outcome becomes unknown. */
export interface CuttingProxy {
  /** The same URL through the proxy. */
  readonly url: string;
  /** Cuts once, at the next chunk that holds the mark. */
  cutOnce(mark: string, cut: Cut): void;
  /** How often it cut. */
  cuts(): number;
  close(): Promise<void>;
}

export async function startCuttingProxy(targetUrl: string): Promise<CuttingProxy> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let armed: { mark: string; cut: Cut } | undefined;
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let loseAnswer = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (chunk) => {
      const hit = armed && chunk.includes(armed.mark) ? armed : undefined;
      if (hit) {
        armed = undefined;
        cuts += 1;
        if (hit.cut === 'before-the-server') return end();
        loseAnswer = true;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => (loseAnswer ? end() : client.write(chunk)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(targetUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cutOnce: (mark, cut) => {
      armed = { mark, cut };
    },
    cuts: () => cuts,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
