import type { EventBus } from '@countersign/kafka';
import type { PersonName } from '../cast.js';
import type { StepContext } from '../commands.js';
import type { Doors } from '../doors.js';
import type { ErpClient } from '../erp.js';
import type { Narrator } from '../narrator.js';

/** What a step of the story may use: the public doors and nothing else. */
export interface StepWorld {
  as(person: PersonName): Doors;
  /** A laboratory's result, signed by the inspector's key outside the platform. */
  labResult(result: Readonly<Record<string, string>>): Promise<string>;
  readonly erp: ErpClient;
  readonly bus: EventBus;
  readonly topicPrefix: string;
  readonly narrator: Narrator;
  context(step: string, eventTime: string): StepContext;
}
