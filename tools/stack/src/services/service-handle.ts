import { join } from 'node:path';
import { REPOSITORY_ROOT, type DataLayout } from '../layout.js';
import { LIMITS } from '../limits.js';
import type { ServiceName } from '../names.js';
import type { Child, Supervisor } from '../parts/supervisor.js';
import { waitUntilReady } from '../parts/wait-for.js';
import type { ServiceAddresses } from './addresses.js';

/** One service of a running platform. It can be stopped, killed and started again on its own. */
export interface ServiceHandle extends ServiceAddresses {
  readonly name: ServiceName;
  readonly logFile: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  isRunning(): boolean;
  /** Starts it and waits until `/health/ready` answers 200. */
  start(): Promise<void>;
  /** SIGTERM, then waits for its graceful stop. */
  stop(): Promise<void>;
  /** Sends a signal; after SIGKILL, resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface ServiceSpec {
  readonly name: ServiceName;
  readonly addresses: ServiceAddresses;
  readonly environment: NodeJS.ProcessEnv;
  /** Told when it ends without having been asked to. */
  readonly onUnexpectedEnd: (how: string) => void;
}

/** Old-space limit of a service's heap in MiB: small, so that a leak shows early. */
const HEAP_MIB = 192;
/** Young generation in MiB; the default lets it grow and keeps memory that an idle service does not need. */
const SEMI_SPACE_MIB = 8;

export function serviceHandle(layout: DataLayout, supervisor: Supervisor, spec: ServiceSpec): ServiceHandle {
  const { name, addresses, environment } = spec;
  const logFile = join(layout.logs, `${name}.log`);
  let child: Child | undefined;
  let expectedEnd = false;
  let starts = 0;

  const launch = (): Child => {
    const launched = supervisor.start({
      name,
      command: process.execPath,
      args: [
        `--max-old-space-size=${HEAP_MIB}`,
        `--max-semi-space-size=${SEMI_SPACE_MIB}`,
        '--enable-source-maps',
        join(REPOSITORY_ROOT, 'services', name, 'dist', 'main.js'),
      ],
      env: environment,
      logFile,
      logMode: starts === 0 ? 'rotate' : 'append',
      stopLimitMs: LIMITS.serviceStopMs,
    });
    starts += 1;
    expectedEnd = false;
    void launched.ended.then((how) => {
      if (!expectedEnd && child === launched) spec.onUnexpectedEnd(how);
    });
    return launched;
  };

  return {
    name,
    logFile,
    ...addresses,
    get pid() {
      return child?.isRunning() === true ? child.pid : undefined;
    },
    isRunning: () => child?.isRunning() === true,
    start: async () => {
      child = launch();
      await waitUntilReady({ child, limitMs: LIMITS.serviceReadyMs, isReady: () => isReadyAt(addresses.http) });
    },
    stop: async () => {
      expectedEnd = true;
      await child?.stop();
    },
    kill: async (signal) => {
      expectedEnd = true;
      await child?.kill(signal);
    },
  };
}

async function isReadyAt(address: string): Promise<boolean> {
  const response = await fetch(`http://${address}/health/ready`, { signal: AbortSignal.timeout(LIMITS.httpProbeMs) });
  await response.arrayBuffer();
  return response.status === 200;
}
