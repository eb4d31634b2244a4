import { createHash } from 'node:crypto';
import type { Journal } from '@countersign/event-log';
import type { Actor } from '@countersign/kernel';
import type { Logger } from '@countersign/observability';
import { NO_CODES, ORGANISATION } from '../organisation/organisation.js';
import { openOrganisation } from '../organisation/organisation.handler.js';
import { PRINCIPAL } from '../principal/principal.js';
import type { Bootstrap, FirstPrincipal } from './bootstrap-file.js';

export interface BootstrapParts {
  readonly journal: Journal;
  readonly bootstrap: Bootstrap;
  /** Identity's own pseudonym in its own log. */
  readonly pseudonym: string;
  readonly logger: Logger;
  readonly clock?: () => Date;
}

/** At the first start: records the operator, its first administrator and its services as events like all others. Idempotent. */
export async function recordBootstrap(parts: BootstrapParts): Promise<void> {
  const { journal, bootstrap } = parts;
  const { organisationId, name, nation } = bootstrap.operator;
  if ((await journal.read(ORGANISATION, organisationId)) === undefined) {
    const command = { organisationId, name, nation, ...NO_CODES, kinds: [] };
    await journal.execute(envelopeOf(parts, `organisation/${organisationId}`, command), (unit) =>
      openOrganisation(unit, command),
    );
  }
  for (const principal of bootstrap.principals) await recordPrincipal(parts, principal);
}

async function recordPrincipal(parts: BootstrapParts, first: FirstPrincipal): Promise<void> {
  const { journal, bootstrap, logger } = parts;
  const { principalId, publicKey, role } = first;
  const known = await journal.read(PRINCIPAL, principalId);
  if (known !== undefined && known.status !== 'NONE') {
    // A changed key file does not change who may sign in; that takes a command.
    const differs = known.status !== 'ACTIVE' || known.publicKey !== publicKey;
    if (differs) logger.warn('bootstrap-differs', { name: principalId });
    return;
  }
  await journal.execute(envelopeOf(parts, `principal/${principalId}`, first), async (unit) => {
    const principal = await unit.open(PRINCIPAL, principalId);
    const { organisationId } = bootstrap.operator;
    principal.append({
      type: 'ServicePrincipalRegistered',
      data: { principalId, organisationId, publicKey, roles: [role], actingFor: organisationId },
    });
    return null;
  });
}

function envelopeOf(
  { bootstrap, pseudonym, clock = () => new Date() }: BootstrapParts,
  step: string,
  content: object,
): Parameters<Journal['execute']>[0] {
  const { organisationId, nation } = bootstrap.operator;
  const actor: Actor = {
    principalId: 'service-identity',
    pseudonym,
    organisationId,
    actingFor: organisationId,
    nation,
    roles: ['service'],
  };
  const request = Buffer.from(JSON.stringify(content));
  return {
    // Content decides the id: two processes that start at once record it once.
    commandId: `bootstrap-${createHash('sha256').update(step).update('\0').update(request).digest('hex').slice(0, 48)}`,
    actor,
    eventTime: clock().toISOString(),
    correlationId: 'bootstrap',
    request,
  };
}
