import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { VerificationReport } from '@countersign/verifier';

export interface OfflineCheck {
  /** How the verifier was kept off the network. */
  readonly isolation: string;
  readonly exitCode: number;
  readonly report: VerificationReport;
  readonly holds: boolean;
}

const CLI = createRequire(import.meta.url).resolve('@countersign/cli/bin/countersign.mjs');

/** Stands in where the system gives no namespaces: every way out of the process throws. */
const NO_NETWORK = `data:text/javascript,${encodeURIComponent(
  "import net from 'node:net'; import dgram from 'node:dgram'; import dns from 'node:dns';" +
    "const refuse = () => { throw new Error('no network here'); };" +
    'net.Socket.prototype.connect = refuse; dgram.createSocket = refuse; dns.lookup = refuse;',
)}`;

/** Verifies a bundle in a process of its own: no network, no service address, nothing but the two files in an empty directory. */
export function offlineCheck(bundle: Uint8Array, trust: Uint8Array): OfflineCheck {
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-offline-'));
  try {
    writeFileSync(path.join(folder, 'item.bundle.json'), bundle);
    writeFileSync(path.join(folder, 'trust.json'), trust);
    const verify = [CLI, 'verify', 'item.bundle.json', '--trust', 'trust.json', '--json'];
    const namespace = ['--net', '--map-root-user'];
    const hasNamespaces = spawnSync('unshare', [...namespace, 'true']).status === 0;
    const run = hasNamespaces
      ? spawnSync('unshare', [...namespace, process.execPath, ...verify], isolated(folder))
      : spawnSync(process.execPath, ['--import', NO_NETWORK, ...verify], isolated(folder));
    if (run.status === null || run.stdout === '') throw new Error(`the offline verifier did not answer: ${run.stderr}`);
    const report = JSON.parse(run.stdout) as VerificationReport;
    return {
      isolation: hasNamespaces ? 'network namespace without interfaces' : 'process whose sockets refuse (no namespaces here)',
      exitCode: run.status,
      report,
      holds: run.status === 0 && report.holds,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isolated(cwd: string): { cwd: string; env: NodeJS.ProcessEnv; encoding: 'utf8'; maxBuffer: number } {
  return { cwd, env: { PATH: process.env['PATH'] }, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 };
}
