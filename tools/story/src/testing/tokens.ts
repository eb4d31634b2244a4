import { createTokenSource } from '@countersign/access';
import type { Platform } from '@countersign/stack';
import { PERSONS, type PersonName } from '../cast.js';
import type { Principal } from '../doors.js';
import type { ParticipantKeys } from '../participant-keys.js';

/** A person of the story as a principal. */
export function principalOf(keys: ParticipantKeys, person: PersonName): Principal {
  const { id } = PERSONS[person];
  return { principalId: id, appointmentId: `${id}-1`, privateKey: keys.privateKey(id) };
}

/** An access token as text. */
export async function tokenOf({ addresses }: Platform, principal: Principal): Promise<string> {
  const source = createTokenSource({ identityAddress: addresses.identity.grpc, ...principal });
  try {
    return await source.token();
  } finally {
    source.close();
  }
}
