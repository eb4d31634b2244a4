import { readFileSync } from 'node:fs';
import { createPrivateKey } from 'node:crypto';
import { createTokenSource } from '@countersign/access';
import { createClient, type Client } from '@countersign/grpc';
import { operationsV1 } from '@countersign/proto';
import { Unreadable } from '@countersign/verifier';
import type { Profile } from './profile.js';

/** The door to the read models of one service. */
export interface ProjectionClient {
  /** Name of the service. */
  readonly service: string;
  readonly projections: Client<typeof operationsV1.ProjectionService>;
}

/**
 * Connects to the services of a profile, or to one of them, as its principal; nothing is sent before the first call.
 *
 * @throws Unreadable if the profile knows no service of that name
 */
export function connectProjections(
  profile: Profile,
  service: string | undefined,
): { readonly clients: readonly ProjectionClient[]; close(): void } {
  const wanted = Object.entries(profile.sources).filter(([name]) => service === undefined || name === service);
  if (wanted.length === 0) throw new Unreadable(`the profile names no service ${service ?? ''}`);
  const { identity, principalId, appointmentId, keyFile } = profile;
  const privateKey = createPrivateKey(readFileSync(keyFile));
  const tokenSource = createTokenSource({ identityAddress: identity, principalId, appointmentId, privateKey });
  const clients = wanted.map(([name, address]) => ({
    service: name,
    projections: createClient(operationsV1.ProjectionService, address, { tokenSource }),
  }));
  return {
    clients,
    close: () => {
      for (const { projections } of clients) projections.close();
      tokenSource.close();
    },
  };
}

/**
 * The service that has a read model of this name.
 *
 * @throws Unreadable if none or several have
 */
export async function clientOf(clients: readonly ProjectionClient[], name: string): Promise<ProjectionClient> {
  if (clients.length === 1 && clients[0] !== undefined) return clients[0];
  const listed = await Promise.all(
    clients.map(async (client) => ({ client, names: (await client.projections.listProjections({})).projections })),
  );
  const [found, ...others] = listed.filter(({ names }) => names.some((each) => each.name === name));
  if (found === undefined) throw new Unreadable(`no service has a read model ${name}: countersign projection list shows them`);
  if (others.length > 0) throw new Unreadable(`several services have a read model ${name}: name one with --service`);
  return found.client;
}
