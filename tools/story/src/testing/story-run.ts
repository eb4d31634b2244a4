import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { connect, readProfile, type PlatformClients } from '@countersign/cli';
import { createKafkaBus, type EventBus } from '@countersign/kafka';
import { startPlatform, type Platform } from '@countersign/stack';
import { parseTrust, type Trust } from '@countersign/verifier';
import { doorsOf, type Doors } from '../doors.js';
import { Narrator } from '../narrator.js';
import { ParticipantKeys } from '../participant-keys.js';
import { administratorOf } from '../platform-facts.js';
import { runStory, type StoryOutcome } from '../run-story.js';
import { openStoryWorld, type StoryWorld } from '../story-world.js';
import { sampleRows } from './sample-rows.js';

/** A platform on which the story was played, and everything a test needs to go on from there. */
export interface StoryRun {
  /** Where a person would stand: the platform's data lie in `.countersign` there. */
  readonly folder: string;
  readonly platform: Platform;
  readonly outcome: StoryOutcome;
  /** The story's people, at their doors. */
  readonly world: StoryWorld;
  readonly administrator: Doors;
  readonly keys: ParticipantKeys;
  readonly bus: EventBus;
  /** The auditor's doors. */
  readonly clients: PlatformClients;
  readonly trust: Trust;
}

/** The story's platform over its starts and stops. */
export class StoryStage {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'countersign-story-'));
  /** What the platform said about itself. */
  readonly lines: string[] = [];
  #run: StoryRun | undefined;

  /** @throws Error while nothing runs */
  get run(): StoryRun {
    if (this.#run === undefined) throw new Error('the platform does not run');
    return this.#run;
  }

  get dataDir(): string {
    return path.join(this.folder, '.countersign');
  }

  /** Starts the platform with parts of its own and plays the story; a second time on what the first one kept. */
  async play(): Promise<void> {
    const platform = await startPlatform({ dataDir: this.dataDir, given: {}, log: (line) => this.lines.push(line) });
    try {
      const outcome = await runStory(platform, new Narrator(silence()), sampleRows());
      this.#run = openRun(this.folder, platform, outcome);
    } catch (error) {
      await platform.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    run.world.close();
    run.administrator.close();
    run.clients.close();
    await run.bus.close();
    await run.platform.stop();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function openRun(folder: string, platform: Platform, outcome: StoryOutcome): StoryRun {
  const keys = new ParticipantKeys(platform.parts.layout.root);
  const bus = createKafkaBus({ brokers: platform.parts.kafka.brokers, clientId: 'countersign-e2e' });
  return {
    folder,
    platform,
    outcome,
    world: openStoryWorld(platform, new Narrator(silence()), keys, bus),
    administrator: doorsOf(platform.addresses, administratorOf(platform)),
    keys,
    bus,
    clients: connect(readProfile(outcome.profileFile)),
    trust: parseTrust(readFileSync(platform.provisioned.publicFiles.trust)),
  };
}

function silence(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
