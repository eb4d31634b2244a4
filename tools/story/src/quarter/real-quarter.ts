import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleOf, collectDossier, type PlatformClients } from '@countersign/cli';
import { TOPICS } from '@countersign/kafka';
import { registerAgencies } from '../cast-registration.js';
import { offlineCheck } from '../drills/offline-check.js';
import { memoryMiB } from '../platform-facts.js';
import type { Proving } from '../proving.js';
import type { StoryReport } from '../story-report.js';
import { playQuarter, type QuarterBegin, type QuarterReport } from './play-quarter.js';
import { logSize } from './quarter-world.js';
import { agenciesOf, type QuarterRow } from './rows.js';

/** Registers the agencies, sends every row through the ERP door, and counts. Rows that an earlier start recorded are not sent again. */
export async function realQuarter({
  platform,
  narrator,
  clients,
  world,
  administrator,
  keys,
  bus,
  rows,
}: Proving): Promise<QuarterReport> {
  narrator.chapter('The real quarter');
  const kept = path.join(keys.folder, 'quarter.json');
  const earlier = readKept(kept);
  if (earlier !== undefined) {
    narrator.line('  ✓ recorded by an earlier start; its rows are not sent again');
    return earlier;
  }
  const agencies = agenciesOf(rows);
  await narrator.step(`${agencies.length} agencies of the files are registered with identity and known to procurement`, () =>
    registerAgencies(administrator, world, agencies),
  );
  const begin = await beginOf(path.join(keys.folder, 'quarter-begin'), clients);
  const topicPrefix = platform.namespace.topic;
  const report = await narrator.step(`${rows.length} rows through the ERP door`, () =>
    playQuarter(
      {
        platform,
        clients,
        bus,
        erp: world.erp,
        narrator,
        groupId: `${topicPrefix}countersign-procurement-${TOPICS.inRequisition.name}`,
        topic: `${topicPrefix}${TOPICS.inRequisition.name}`,
        memoryMiB: () => memoryMiB(platform),
      },
      rows,
      begin,
    ),
  );
  writeFileSync(kept, JSON.stringify(report));
  return report;
}

/** One real document number, traced and proven like the story's own item. */
export async function traceQuarter(
  clients: PlatformClients,
  trust: Uint8Array,
  rows: readonly QuarterRow[],
): Promise<NonNullable<StoryReport['quarterTrace']>> {
  const item = rows.find((row) => row.shipment !== undefined)?.shipment?.documentNumber ?? '';
  const dossier = await collectDossier(clients.sources, item);
  if (dossier === undefined) return { item, records: 0, holds: false };
  const { report, holds } = offlineCheck(await bundleOf(clients, dossier), trust);
  return { item, records: report.records.length, holds };
}

/** Kept before the first row is sent: a start that continues after an interruption counts from there. */
async function beginOf(file: string, clients: PlatformClients): Promise<QuarterBegin> {
  if (existsSync(file)) return { position: BigInt(readFileSync(file, 'utf8')), resumed: true };
  const position = await logSize({ clients });
  writeFileSync(`${file}.new`, String(position));
  renameSync(`${file}.new`, file);
  return { position, resumed: false };
}

function readKept(file: string): QuarterReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as QuarterReport;
  } catch {
    return undefined;
  }
}
