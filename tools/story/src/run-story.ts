import { existsSync } from 'node:fs';
import path from 'node:path';
import { connect, PROFILE_FILE, readProfile } from '@countersign/cli';
import { createKafkaBus } from '@countersign/kafka';
import type { Platform } from '@countersign/stack';
import { registerCast } from './cast-registration.js';
import { doorsOf } from './doors.js';
import type { Narrator } from './narrator.js';
import { ParticipantKeys } from './participant-keys.js';
import { administratorOf, memoryMiB, writeProfile } from './platform-facts.js';
import { auditOfAll, prove } from './prove.js';
import type { Proving } from './proving.js';
import type { QuarterReport } from './quarter/play-quarter.js';
import { realQuarter } from './quarter/real-quarter.js';
import { readQuarter, type QuarterRow } from './quarter/rows.js';
import type { StoryReport } from './story-report.js';
import { openStoryWorld, type StoryWorld } from './story-world.js';
import { playContract } from './steps/contract.js';
import { playCustody, playPayment, playRequisition } from './steps/issue-and-payment.js';
import { playPaymentTrigger } from './steps/payment-trigger.js';
import type { StepWorld } from './steps/step-world.js';
import { playCorrection, playCounterfeit, playReceipt, playShipment } from './steps/supply.js';

/** What the story leaves behind besides its report. */
export interface StoryOutcome {
  readonly report: StoryReport;
  readonly bundle: Uint8Array;
  readonly trust: Uint8Array;
  readonly profileFile: string;
}

/** What became of the quarter; holds only if every row is accounted for and every log is sound. */
export interface QuarterOutcome extends QuarterReport {
  readonly holds: boolean;
}

/** Writes the auditor's profile anew, because addresses may have changed; leaves it if no story has registered the auditor. */
export function renewProfile(platform: Platform): void {
  const keys = new ParticipantKeys(platform.parts.layout.root);
  if (existsSync(path.join(keys.folder, PROFILE_FILE))) writeProfile(platform, keys);
}

/**
 * Plays the whole story on a running platform, through its public doors only.
 *
 * @param rows the quarter's rows to send; tests send fewer
 */
export async function runStory(
  platform: Platform,
  narrator: Narrator,
  rows: readonly QuarterRow[] = readQuarter(),
): Promise<StoryOutcome> {
  const begin = performance.now();
  const play = (world: StoryWorld): Promise<StoryReport['payment']> => playOrder(world);
  return onStage(platform, narrator, rows, play, async (proving, profileFile, payment) => {
    const outcome = await prove(proving);
    const report: StoryReport = {
      ...outcome.report,
      steps: narrator.steps,
      payment,
      memoryMiB: memoryMiB(platform),
      seconds: (performance.now() - begin) / 1000,
    };
    return { report, bundle: outcome.bundle, trust: outcome.trust, profileFile };
  });
}

/** Plays the quarter alone: the cast is registered, then its rows are sent, then every log is audited as a whole. */
export function runQuarter(
  platform: Platform,
  narrator: Narrator,
  rows: readonly QuarterRow[] = readQuarter(),
): Promise<QuarterOutcome> {
  return onStage(
    platform,
    narrator,
    rows,
    () => Promise.resolve(),
    async (proving) => {
      const quarter = await realQuarter(proving);
      const audit = await auditOfAll(proving);
      return { ...quarter, holds: quarter.sumsAgree && audit.holds };
    },
  );
}

/** Opens the doors of the whole cast, lets it play, and hands over to the auditor. */
async function onStage<Played, Outcome>(
  platform: Platform,
  narrator: Narrator,
  rows: readonly QuarterRow[],
  play: (world: StoryWorld) => Promise<Played>,
  then: (proving: Proving, profileFile: string, played: Played) => Promise<Outcome>,
): Promise<Outcome> {
  const keys = new ParticipantKeys(platform.parts.layout.root);
  const bus = createKafkaBus({ brokers: platform.parts.kafka.brokers, clientId: 'countersign-story' });
  const world = openStoryWorld(platform, narrator, keys, bus);
  const administrator = doorsOf(platform.addresses, administratorOf(platform));
  try {
    await registerCast(administrator, world, keys);
    const profileFile = writeProfile(platform, keys);
    const played = await play(world);
    const clients = connect(readProfile(profileFile));
    try {
      return await then({ platform, narrator, clients, world, administrator, keys, bus, rows }, profileFile, played);
    } finally {
      clients.close();
    }
  } finally {
    administrator.close();
    world.close();
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
