import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { DataLayout } from '../layout.js';
import { LIMITS } from '../limits.js';
import { StackError } from '../stack-error.js';
import type { PortBook } from './ports.js';
import type { Supervisor } from './supervisor.js';
import { protocolOf } from './given-address.js';
import { waitUntilReady } from './wait-for.js';

export interface ChainPart {
  readonly rpcUrl: string;
  readonly own: boolean;
  /** As it shows wherever it is named. */
  readonly name: string;
}

/** How the embedded chain, and any other development node, shows wherever it is named. */
export const DEVELOPMENT_CHAIN = 'single-node development chain';

/** Chain ids that development nodes use: 31337 (anvil, hardhat), 1337 (geth --dev). */
const DEVELOPMENT_CHAIN_IDS = [31_337, 1_337];

/** Seconds of blocks that SIGKILL may cost; a stop in order costs none. */
const STATE_INTERVAL_S = 5;

/** States kept in memory. Without a limit the node writes every state to the home directory, gigabytes in an hour. */
const STATES_KEPT = 64;

/**
 * Starts the single-node development chain from npm. It mines on transactions only, so an idle chain does not grow;
 * transactions and their logs are all kept.
 */
export async function startChain(layout: DataLayout, supervisor: Supervisor, ports: PortBook): Promise<ChainPart> {
  const home = layout.at('chain');
  mkdirSync(home, { recursive: true });
  const stateFile = join(home, 'state.json');
  requireReadableState(stateFile);
  const port = await ports.claim('chain');
  const child = supervisor.start({
    name: DEVELOPMENT_CHAIN,
    command: nodeProgram(),
    args: [
      ...['--host', '127.0.0.1', '--port', String(port)],
      ...['--state', stateFile, '--state-interval', String(STATE_INTERVAL_S)],
      ...['--prune-history', String(STATES_KEPT), '--cache-path', join(home, 'cache')],
      ...['--threads', '1', '--silent'],
    ],
    cwd: home,
    logFile: join(layout.logs, 'chain.log'),
  });
  const rpcUrl = `http://127.0.0.1:${port}`;
  await waitUntilReady({ child, limitMs: LIMITS.partReadyMs, isReady: async () => (await chainIdOf(rpcUrl)) > 0 });
  return { rpcUrl, own: true, name: DEVELOPMENT_CHAIN };
}

/**
 * The node writes its state in place, so SIGKILL may leave half a file, with which it refuses to start. Then the state of
 * the last start is taken: a rewound chain, which the anchoring service has to meet anyway.
 */
function requireReadableState(file: string): void {
  if (!existsSync(file)) return;
  const lastStart = `${file}.last-start`;
  if (isJson(file)) copyFileSync(file, lastStart);
  else if (existsSync(lastStart)) copyFileSync(lastStart, file);
  else rmSync(file);
}

function isJson(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/**
 * Takes a chain that runs elsewhere.
 * @throws StackError when it does not answer
 */
export async function givenChain(rpcUrl: string): Promise<ChainPart> {
  if (!/^https?:$/.test(protocolOf(rpcUrl)))
    throw new StackError('COUNTERSIGN_CHAIN_RPC_URL: not an http:// or https:// address');
  try {
    const chainId = await chainIdOf(rpcUrl);
    return { rpcUrl, own: false, name: DEVELOPMENT_CHAIN_IDS.includes(chainId) ? DEVELOPMENT_CHAIN : `EVM chain ${chainId}` };
  } catch (error) {
    throw new StackError(`COUNTERSIGN_CHAIN_RPC_URL: no EVM node answers at ${new URL(rpcUrl).host}`, { cause: error });
  }
}

/** @throws Error unless an EVM node answers */
async function chainIdOf(rpcUrl: string): Promise<number> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
    signal: AbortSignal.timeout(LIMITS.httpProbeMs),
  });
  const { result } = (await response.json()) as { result: unknown };
  if (typeof result !== 'string' || !/^0x[0-9a-f]+$/i.test(result)) throw new Error('no chain id in the answer');
  return Number(result);
}

/** The program itself, not its Node wrapper: one process less, and signals arrive. */
function nodeProgram(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  try {
    const wrapper = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json');
    const entry = createRequire(wrapper).resolve(`@foundry-rs/anvil-${process.platform}-${arch}/package.json`);
    return join(dirname(entry), 'bin', 'anvil');
  } catch (error) {
    throw new StackError(`npm has no EVM node for ${process.platform}-${arch}: set COUNTERSIGN_CHAIN_RPC_URL to one that runs`, {
      cause: error,
    });
  }
}
