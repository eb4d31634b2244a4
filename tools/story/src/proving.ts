import type { PlatformClients } from '@countersign/cli';
import type { EventBus } from '@countersign/kafka';
import type { Platform } from '@countersign/stack';
import type { Doors } from './doors.js';
import type { Narrator } from './narrator.js';
import type { ParticipantKeys } from './participant-keys.js';
import type { QuarterRow } from './quarter/rows.js';
import type { StepWorld } from './steps/step-world.js';

/** What proving needs of a story that was played. */
export interface Proving {
  readonly platform: Platform;
  readonly narrator: Narrator;
  readonly clients: PlatformClients;
  readonly world: StepWorld;
  readonly administrator: Doors;
  readonly keys: ParticipantKeys;
  readonly bus: EventBus;
  readonly rows: readonly QuarterRow[];
}
