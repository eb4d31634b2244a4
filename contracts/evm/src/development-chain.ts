import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

/** What an operator must read wherever this chain shows. */
export const DEVELOPMENT_CHAIN_NAME = 'single-node development chain';

/** A running single-node development chain. It belongs to whoever started it. */
export interface DevelopmentChain {
  readonly rpcUrl: string;
  readonly process: ChildProcess;
  /** Stops it and waits until it is gone; with a state file the chain is kept there. */
  stop(): Promise<void>;
}

export interface DevelopmentChainOptions {
  /** A free port is chosen if absent. */
  readonly port?: number;
  /** File that keeps the chain over restarts; at most one second is lost when the process is killed. */
  readonly stateFile?: string;
  /** Accounts with funds that the node signs for. Default 10, from the node's well-known development mnemonic. */
  readonly accounts?: number;
  /** Milliseconds until it must answer. */
  readonly startTimeoutMs?: number;
}

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;
const PROBE_INTERVAL_MS = 25;

/**
 * States kept in memory. Without a limit the node writes every state to disk, by gigabytes; with none kept, a read of the newest
 * state fails when a block is mined meanwhile.
 */
const STATES_KEPT = 64;

/**
 * Starts a single-node EVM development chain on loopback. It mines a block per transaction and none while idle.
 *
 * @throws Error if it does not answer in time or ends early
 */
export async function startDevelopmentChain(options: DevelopmentChainOptions = {}): Promise<DevelopmentChain> {
  const port = options.port ?? (await freePort());
  const rpcUrl = `http://127.0.0.1:${port}`;
  const child = spawn(nodeBinary(), nodeArguments(port, options), { stdio: 'ignore' });
  const failed = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`the development chain ended with code ${String(code)}`)),
  );
  failed.catch(() => undefined); // Only the start waits for it; a later end is seen by `stop`.
  await Promise.race([failed, answers(rpcUrl, options.startTimeoutMs ?? START_TIMEOUT_MS)]).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return { rpcUrl, process: child, stop: () => stop(child) };
}

function nodeArguments(port: number, options: DevelopmentChainOptions): string[] {
  const kept = options.stateFile === undefined ? [] : ['--state', options.stateFile, '--state-interval', '1'];
  return [
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--accounts',
    String(options.accounts ?? 10),
    '--prune-history',
    String(STATES_KEPT),
    '--quiet',
    ...kept,
  ];
}

/** The binary itself, not its launcher script: a killed launcher would leave the node behind. */
function nodeBinary(): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const platform = process.platform === 'win32' ? 'win32' : process.platform;
  const launcher = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json');
  const manifest = createRequire(launcher).resolve(`@foundry-rs/anvil-${platform}-${architecture}/package.json`);
  return join(dirname(manifest), 'bin', platform === 'win32' ? 'anvil.exe' : 'anvil');
}

async function answers(rpcUrl: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
  const headers = { 'content-type': 'application/json' };
  while (Date.now() < deadline) {
    const reply = await fetch(rpcUrl, { method: 'POST', headers, body }).catch(() => undefined); // Not listening yet.
    if (reply?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL_MS));
  }
  throw new Error(`the development chain did not answer within ${timeoutMs} ms`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
