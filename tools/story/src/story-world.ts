import { canonicalJson } from '@countersign/record';
import type { EventBus } from '@countersign/kafka';
import type { Platform } from '@countersign/stack';
import { CompactSign } from 'jose';
import { ERP, PERSONS, type PersonName } from './cast.js';
import { commandContexts } from './commands.js';
import { doorsOf, type Doors } from './doors.js';
import { ErpClient } from './erp.js';
import type { Narrator } from './narrator.js';
import type { ParticipantKeys } from './participant-keys.js';
import type { StepWorld } from './steps/step-world.js';

/** The story's people at their doors; `close` ends their connections. */
export interface StoryWorld extends StepWorld {
  close(): void;
}

export function openStoryWorld(platform: Platform, narrator: Narrator, keys: ParticipantKeys, bus: EventBus): StoryWorld {
  const people = new Map<PersonName, Doors>();
  const topicPrefix = platform.namespace.topic;
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
      new CompactSign(canonicalJson(result))
        .setProtectedHeader({ alg: 'EdDSA', kid: PERSONS.inspector.id })
        .sign(keys.privateKey(PERSONS.inspector.id)),
    erp: new ErpClient(bus, ERP.id, keys.privateKey(ERP.id), topicPrefix),
    bus,
    topicPrefix,
    narrator,
    context: commandContexts(keys.runId()),
    close: () => people.forEach((doors) => doors.close()),
  };
}
