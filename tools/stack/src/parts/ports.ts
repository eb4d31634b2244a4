import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { LIMITS } from '../limits.js';
import { StackError } from '../stack-error.js';

/** Chooses free loopback ports and remembers them, so that addresses stay the same from one start to the next. */
export interface PortBook {
  /** The remembered port of this name if it is free, else a new one. */
  claim(name: string): Promise<number>;
}

export function openPortBook(file: string): PortBook {
  const ports: Record<string, number> = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>)
    : {};
  return {
    claim: async (name) => {
      const remembered = ports[name];
      if (remembered !== undefined && (await isFree(remembered))) return remembered;
      const port = await chooseFreePort(new Set(Object.values(ports)));
      ports[name] = port;
      writeFileSync(file, `${JSON.stringify(ports, null, 2)}\n`);
      return port;
    },
  };
}

async function chooseFreePort(taken: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < LIMITS.portTries; tries += 1) {
    const port = randomInt(LIMITS.portFirst, LIMITS.portLast + 1);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new StackError(`no free port between ${LIMITS.portFirst} and ${LIMITS.portLast} on 127.0.0.1`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => settle(true)));
  });
}
