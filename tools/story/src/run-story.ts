import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  auditDossier,
  auditPlatform,
  bundleOf,
  collectDossier,
  connect,
  readProfile,
  type Dossier,
  type PlatformClients,
} from '@countersign/cli';
import { createKafkaBus, TOPICS, type EventBus } from '@countersign/kafka';
import type { Platform } from '@countersign/stack';
import { parseTrust, type Trust } from '@countersign/verifier';
import { CompactSign } from 'jose';
import { registerAgencies, registerCast } from './cast-registration.js';
import { ERP, PERSONS, type PersonName } from './cast.js';
import { commandContexts } from './commands.js';
import { doorsOf, type Doors } from './doors.js';
import { offlineCheck } from './drills/offline-check.js';
import { tamperDrill } from './drills/tamper.js';
import { ErpClient } from './erp.js';
import type { Narrator } from './narrator.js';
import { ParticipantKeys } from './participant-keys.js';
import { administratorOf, memoryMiB, superuserDatabase, writeProfile } from './platform-facts.js';
import { playQuarter, type QuarterReport } from './quarter/play-quarter.js';
import { agenciesOf, readQuarter } from './quarter/rows.js';
import { ITEM } from './story-facts.js';
import type { StoryReport } from './story-report.js';
import { playContract } from './steps/contract.js';
import { playCustody, playPayment, playRequisition } from './steps/issue-and-payment.js';
import { playPaymentTrigger } from './steps/payment-trigger.js';
import type { StepWorld } from './steps/step-world.js';
import { playCorrection, playCounterfeit, playReceipt, playShipment } from './steps/supply.js';
import { until } from './until.js';

/** What the story leaves behind besides its report. */
export interface StoryOutcome {
  readonly report: StoryReport;
  readonly bundle: Uint8Array;
  readonly trust: Uint8Array;
  readonly profileFile: string;
}

/** Plays the whole story on a running platform, through its public doors only. */
export async function runStory(platform: Platform, narrator: Narrator): Promise<StoryOutcome> {
  const begin = performance.now();
  const keys = new ParticipantKeys(platform.parts.layout.root);
  const bus = createKafkaBus({ brokers: platform.parts.kafka.brokers, clientId: 'countersign-story' });
  const people = new Map<PersonName, Doors>();
  try {
    const administrator = doorsOf(platform.addresses, administratorOf(platform));
    const world = worldOf(platform, narrator, keys, bus, people);
    await registerCast(administrator, world, keys);
    const profileFile = writeProfile(platform, keys);
    const payment = await playOrder(world);
    const clients = connect(readProfile(profileFile));
    try {
      const outcome = await prove({ platform, narrator, clients, world, administrator, keys, bus });
      const report: StoryReport = {
        ...outcome.report,
        steps: narrator.steps,
        payment,
        memoryMiB: memoryMiB(platform),
        seconds: (performance.now() - begin) / 1000,
      };
      return { report, bundle: outcome.bundle, trust: outcome.trust, profileFile };
    } finally {
      clients.close();
      administrator.close();
    }
  } finally {
    for (const doors of people.values()) doors.close();
    await bus.close();
  }
}

async function playOrder(world: StepWorld): Promise<StoryReport['payment']> {
  await playContract(world);
  await playShipment(world);
  await playReceipt(world);
  await playCounterfeit(world);
  await playCorrection(world);
  await playRequisition(world);
  await playCustody(world);
  const payment = await playPayment(world);
  await playPaymentTrigger(world);
  return payment;
}

interface Proving {
  readonly platform: Platform;
  readonly narrator: Narrator;
  readonly clients: PlatformClients;
  readonly world: StepWorld;
  readonly administrator: Doors;
  readonly keys: ParticipantKeys;
  readonly bus: EventBus;
}

type Proven = Omit<StoryReport, 'steps' | 'payment' | 'memoryMiB' | 'seconds'>;

async function prove(proving: Proving): Promise<{ report: Proven; bundle: Buffer; trust: Buffer }> {
  const { platform, narrator, clients } = proving;
  narrator.chapter('Anchoring and audit');
  const trustBytes = readFileSync(platform.provisioned.publicFiles.trust);
  const trust = parseTrust(trustBytes);
  const dossier = await narrator.step('all heads are on the chain (single-node development chain)', () =>
    anchoredDossier(clients, trust),
  );
  const audit = await auditDossier(clients, dossier, trust);
  const bundle = await narrator.step('the proof bundle of the dossier is built', () => bundleOf(clients, dossier));
  const drill = await narrator.step('tamper drill: change one byte, audit, restore, audit', () =>
    tamperDrill(clients, trust, dossier, superuserDatabase(platform)),
  );
  const offline = await narrator.step('offline check in a process without network', () =>
    Promise.resolve(offlineCheck(bundle, trustBytes)),
  );
  const quarter = await realQuarter(proving);
  const quarterTrace = await traceQuarter(clients, trustBytes);
  const whole = await narrator.step('audit of every log as a whole', () =>
    auditPlatform(clients, trust, (source, index) => narrator.progress(`${source} ${index}`)),
  );
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

/** The dossier once every one of its records is under a head on chain. */
function anchoredDossier(clients: PlatformClients, trust: Trust): Promise<Dossier> {
  return until('the heads on chain', async () => {
    const dossier = await collectDossier(clients.sources, ITEM);
    if (dossier === undefined) return undefined;
    const audit = await auditDossier(clients, dossier, trust).catch(() => undefined);
    return audit?.events.every((event) => event.onChain) === true ? dossier : undefined;
  });
}

async function realQuarter({
  platform,
  narrator,
  clients,
  world,
  administrator,
  keys,
  bus,
}: Proving): Promise<QuarterReport | undefined> {
  narrator.chapter('The real quarter');
  const kept = path.join(keys.folder, 'quarter.json');
  const earlier = readKept(kept);
  if (earlier !== undefined) {
    narrator.line('  ✓ already recorded on an earlier start; its rows are not sent again');
    return earlier;
  }
  const rows = readQuarter();
  const agencies = agenciesOf(rows);
  await narrator.step(`${agencies.length} agencies of the file are registered with identity and known to procurement`, () =>
    registerAgencies(administrator, world, agencies),
  );
  const report = await narrator.step(`${rows.length} rows through the ERP door`, () =>
    playQuarter(
      {
        clients,
        bus,
        erp: world.erp,
        narrator,
        groupId: `${platform.namespace.topic}countersign-procurement-${TOPICS.inRequisition.name}`,
        topicPrefix: platform.namespace.topic,
        memoryMiB: () => memoryMiB(platform),
      },
      rows,
    ),
  );
  writeFileSync(kept, JSON.stringify(report));
  return report;
}

function readKept(file: string): QuarterReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as QuarterReport;
  } catch {
    return undefined;
  }
}

/** One real document number, traced and proven like the story's own item. */
async function traceQuarter(clients: PlatformClients, trust: Uint8Array): Promise<NonNullable<StoryReport['quarterTrace']>> {
  const item = readQuarter().find((row) => row.shipment !== undefined)?.shipment?.documentNumber ?? '';
  const dossier = await collectDossier(clients.sources, item);
  if (dossier === undefined) return { item, records: 0, holds: false };
  const { report, holds } = offlineCheck(await bundleOf(clients, dossier), trust);
  return { item, records: report.records.length, holds };
}

function worldOf(
  platform: Platform,
  narrator: Narrator,
  keys: ParticipantKeys,
  bus: EventBus,
  people: Map<PersonName, Doors>,
): StepWorld {
  const as = (name: PersonName): Doors => {
    const known = people.get(name);
    if (known !== undefined) return known;
    const { id } = PERSONS[name];
    const doors = doorsOf(platform.addresses, { principalId: id, appointmentId: `${id}-1`, privateKey: keys.privateKey(id) });
    people.set(name, doors);
    return doors;
  };
  return {
    as,
    labResult: (result) =>
      new CompactSign(Buffer.from(JSON.stringify(result)))
        .setProtectedHeader({ alg: 'EdDSA', kid: PERSONS.inspector.id })
        .sign(keys.privateKey(PERSONS.inspector.id)),
    erp: new ErpClient(bus, ERP.id, keys.privateKey(ERP.id), platform.namespace.topic),
    bus,
    topicPrefix: platform.namespace.topic,
    narrator,
    context: commandContexts(keys.runId()),
  };
}
