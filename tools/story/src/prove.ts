import { readFileSync } from 'node:fs';
import {
  auditDossier,
  auditPlatform,
  bundleOf,
  collectDossier,
  type Dossier,
  type PlatformAudit,
  type PlatformClients,
} from '@countersign/cli';
import { parseTrust, type Trust } from '@countersign/verifier';
import { offlineCheck } from './drills/offline-check.js';
import { tamperDrill } from './drills/tamper.js';
import { storedEvents } from './platform-facts.js';
import { realQuarter, traceQuarter } from './quarter/real-quarter.js';
import { ITEM } from './story-facts.js';
import type { StoryReport } from './story-report.js';
import type { Proving } from './proving.js';
import { until } from './until.js';

export type Proven = Omit<StoryReport, 'steps' | 'payment' | 'memoryMiB' | 'seconds'>;

/** Audits the dossier, tampers, verifies offline, plays the real quarter, audits everything. */
export async function prove(proving: Proving): Promise<{ report: Proven; bundle: Buffer; trust: Buffer }> {
  const { platform, narrator, clients } = proving;
  narrator.chapter('Anchoring and audit');
  const trustBytes = readFileSync(platform.provisioned.publicFiles.trust);
  const trust = parseTrust(trustBytes);
  const dossier = await narrator.step(`all heads are on the chain (${platform.parts.chain.name})`, () =>
    anchoredDossier(clients, trust),
  );
  const audit = await auditDossier(clients, dossier, trust);
  const bundle = await narrator.step('the proof bundle of the dossier is built', () => bundleOf(clients, dossier));
  const drill = await narrator.step('tamper drill: change one byte, audit, restore, audit', () =>
    tamperDrill(clients, trust, dossier, storedEvents(platform)),
  );
  const offline = await narrator.step('offline check in a process without network', () =>
    Promise.resolve(offlineCheck(bundle, trustBytes)),
  );
  const quarter = await realQuarter(proving);
  const quarterTrace = await traceQuarter(clients, trustBytes, proving.rows);
  const whole = await auditOfAll(proving);
  const report: Proven = {
    holds: audit.holds && drill.holds && offline.holds && whole.holds && (quarter?.sumsAgree ?? true) && quarterTrace.holds,
    dossier: audit,
    tamperDrill: drill,
    offlineCheck: {
      isolation: offline.isolation,
      exitCode: offline.exitCode,
      holds: offline.holds,
      passed: offline.report.passed,
      failed: offline.report.failed,
      notChecked: offline.report.notChecked,
    },
    quarter,
    quarterTrace,
    platform: whole,
  };
  return { report, bundle, trust: trustBytes };
}

/** Every log from its first record to its head on chain. */
export function auditOfAll({ platform, narrator, clients }: Proving): Promise<PlatformAudit> {
  const trust = parseTrust(readFileSync(platform.provisioned.publicFiles.trust));
  return narrator.step('audit of every log as a whole', () =>
    auditPlatform(clients, trust, (source, index) => narrator.progress(`${source} ${index}`)),
  );
}

/** The dossier once every one of its records is under a head on chain. */
function anchoredDossier(clients: PlatformClients, trust: Trust): Promise<Dossier> {
  return until('the heads on chain', async () => {
    const dossier = await collectDossier(clients.sources, ITEM);
    if (dossier === undefined) return undefined;
    const audit = await auditDossier(clients, dossier, trust).catch(() => undefined);
    return audit?.events.every((event) => event.onChain) === true ? dossier : undefined;
  });
}
