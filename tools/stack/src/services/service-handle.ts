import { join } from 'node:path';
import { REPOSITORY_ROOT, type DataLayout } from '../layout.js';
import { LIMITS } from '../limits.js';
import type { CosignerName, ServiceName } from '../names.js';
import type { Child, Supervisor } from '../parts/supervisor.js';
import { waitUntilReady } from '../parts/wait-for.js';
import type { ServiceAddresses } from './addresses.js';

/** One process of a running platform. It can be stopped, killed and started again on its own. */
export interface ProcessHandle {
  /** `host:port` of health, metrics, and whatever else it serves over HTTP. */
  readonly http: string;
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

export interface ServiceHandle extends ProcessHandle, ServiceAddresses {
  readonly name: ServiceName;
}

export interface CosignerHandle extends ProcessHandle {
  readonly name: CosignerName;
}

export interface ProcessSpec<Name extends string> {
  readonly name: Name;
  /** `main.js`, from the root of the repository. */
  readonly program: string;
  readonly http: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Told when it ends without having been asked to. */
  readonly onUnexpectedEnd: (how: string) => void;
}

/** Old-space limit of a service's heap in MiB: small, so that a leak shows early. */
const HEAP_MIB = 192;
/** Young generation in MiB; the default lets it grow and keeps memory that an idle service does not need. */
const SEMI_SPACE_MIB = 8;

export function processHandle<Name extends string>(
  layout: DataLayout,
  supervisor: Supervisor,
  spec: ProcessSpec<Name>,
): ProcessHandle & { readonly name: Name } {
  const { name, program, http, environment } = spec;
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
        join(REPOSITORY_ROOT, program),
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
    http,
    get pid() {
      return child?.isRunning() === true ? child.pid : undefined;
    },
    isRunning: () => child?.isRunning() === true,
    start: async () => {
      child = launch();
      await waitUntilReady({ child, limitMs: LIMITS.serviceReadyMs, isReady: () => isReadyAt(http) });
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
