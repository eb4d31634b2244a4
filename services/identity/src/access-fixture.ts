import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createTokenVerifier, type TestTokens } from '@countersign/access';
import { createDirectDoor } from '@countersign/grpc';
import { rawPublicKey } from '@countersign/merkle';
import { identityV1 } from '@countersign/proto';
import type { MatrixWorld } from '@countersign/testing';
import { AppointmentController } from './appointment/appointment.controller.js';
import { envelope } from './identity.builders.js';
import { KeyController } from './keys/key.controller.js';
import { createMemoryVault } from './keys/memory-vault-fixture.js';
import { OrganisationController } from './organisation/organisation.controller.js';
import type { OrganisationList } from './organisation-list/organisation-list.query.js';
import { PersonController } from './person/person.controller.js';
import { PrincipalController } from './principal/principal.controller.js';
import { checkedPublicKey } from './principal/principal.handler.js';
import { IDENTITY } from './service.js';
import { identityInMemory, ORIGINS, type IdentityInMemory } from './token/token-fixture.js';
import { TokenController } from './token/token.controller.js';

const OPERATOR = { organisationId: 'operator' };

/** Identity's doors on a journal in memory. */
export interface IdentityDoors extends MatrixWorld<IdentityMethod> {
  readonly identity: IdentityInMemory;
  /** Key of the clerk, who has one appointment. */
  readonly clerkKey: KeyObject;
  readonly unitKeyIds: readonly Uint8Array[];
}

export type IdentityMethod = (typeof IDENTITY.grpcServices)[number]['methods'][number];

/**
 * The depot has a clerk, an auditor whom the operator appointed, an ERP, and a machine that the operator let audit.
 */
export async function openIdentityDoors(tokens: TestTokens): Promise<IdentityDoors> {
  const identity = await identityInMemory();
  const clerkKey = await identity.staff('clerk', {});
  await identity.staff('depot-auditor', { roles: ['auditor'] });
  for (const [principalId, role] of [
    ['erp-usa', 'erp'],
    ['audit-machine', 'auditor'],
  ] as const) {
    const publicKey = checkedPublicKey(newPublicKey());
    const principal = { principalId, publicKey, roles: [role], actingFor: 'W99CT1' };
    await identity.principals.registerService(envelope(), 'depot-usa', principal);
  }
  const vault = createMemoryVault();
  const unitKeys = await vault.draw(2, 'service-inventory');
  const door = createDirectDoor({
    controllers: [
      [identityV1.TokenService, new TokenController(identity.issue)],
      [identityV1.KeyService, new KeyController(vault)],
      [identityV1.OrganisationService, new OrganisationController(identity.journal, identity.organisations, NO_ORGANISATIONS)],
      [identityV1.PersonService, new PersonController(identity.journal, identity.journal, OPERATOR, identity.persons)],
      [identityV1.AppointmentService, new AppointmentController(identity.journal, OPERATOR, identity.appointments)],
      [identityV1.PrincipalService, new PrincipalController(identity.journal, identity.pseudonyms, identity.principals)],
    ],
    authenticate: createTokenVerifier({ keys: { jwks: tokens.jwks }, logOrigin: ORIGINS[0] }).authenticate,
    openMethods: IDENTITY.openMethods ?? [],
  });
  return {
    identity,
    clerkKey,
    unitKeyIds: unitKeys.map(({ keyId }) => keyId),
    call: (method, request, token) => door.call(method, request, token),
    size: () => identity.journal.size(),
  };
}

/** What is listed is tested on the read model itself. */
const NO_ORGANISATIONS: OrganisationList = { list: () => Promise.resolve({ result: [], asOf: 0n }) };

/** Ed25519, 32 bytes. */
export function newPublicKey(): Uint8Array {
  return rawPublicKey(generateKeyPairSync('ed25519').publicKey);
}
