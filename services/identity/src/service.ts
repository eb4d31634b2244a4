import { createLogDataSource, type Journal, type LogIdentity } from '@countersign/event-log';
import {
  databaseUrl,
  JOURNAL,
  KeystoreError,
  LOG_IDENTITY,
  readSecret,
  readSettings,
  type ServiceContext,
  type ServiceDefinition,
  type ServiceParts,
} from '@countersign/host';
import { identityV1 } from '@countersign/proto';
import { z } from 'zod';
import { AppModule } from './app.module.js';
import type { Bootstrap } from './bootstrap/bootstrap-file.js';
import { recordBootstrap } from './bootstrap/bootstrap.handler.js';
import { LIMITS } from './config.js';
import { createLocalUnitKeys, type LocalUnitKeys } from './keys/local-unit-keys.js';
import { createFileMasterKey } from './keys/master-key.js';
import { openUnitKeyVault, OWN_PRINCIPAL } from './keys/unit-key-vault.js';
import type { Operator } from './operator.js';
import { organisations } from './organisation-list/organisations.projection.js';
import type { Pseudonyms } from './token/pseudonyms.js';
import { BOOTSTRAP, OPERATOR, PSEUDONYMS } from './tokens.js';

/** Identity, as the host runs it. It consumes nothing and maps nothing to `out.*` topics. */
export const IDENTITY: ServiceDefinition = {
  name: 'identity',
  module: AppModule,
  grpcServices: [
    identityV1.TokenService,
    identityV1.KeyService,
    identityV1.OrganisationService,
    identityV1.PersonService,
    identityV1.AppointmentService,
    identityV1.PrincipalService,
  ],
  openMethods: [identityV1.TokenService.method.issueToken],
  projections: [organisations],
  log: { unitKeys: openUnitKeys },
  start: bootstrap,
};

const settings = z.object({ COUNTERSIGN_KEYS_DATABASE_URL: databaseUrl });

/** The key service lives in identity: its own log needs keys before any door is open. */
async function openUnitKeys({ environment, keystore }: ServiceParts): Promise<LocalUnitKeys> {
  const { COUNTERSIGN_KEYS_DATABASE_URL: url } = readSettings(settings, environment);
  const masterKey = createFileMasterKey(await readSecret(keystore, 'unit-key-master.key'));
  const dataSource = createLogDataSource({
    url,
    applicationName: 'countersign-identity-keys',
    poolSize: LIMITS.keysConnectionsMax,
  });
  await dataSource.initialize();
  try {
    return createLocalUnitKeys(await openUnitKeyVault(dataSource, masterKey), () => dataSource.destroy());
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/** @throws KeystoreError if the log was registered for another operator than the platform was provisioned for */
async function bootstrap({ app, logger }: ServiceContext): Promise<void> {
  const first = app.get<Bootstrap>(BOOTSTRAP);
  if (first.operator.organisationId !== app.get<Operator>(OPERATOR).organisationId) {
    throw new KeystoreError('bootstrap.json and registration.json name different organisations');
  }
  const own = await app.get<Pseudonyms>(PSEUDONYMS).of({ principalId: OWN_PRINCIPAL, appointmentId: '' });
  const pseudonym = own.get(app.get<LogIdentity>(LOG_IDENTITY).origin) ?? OWN_PRINCIPAL;
  await recordBootstrap({ journal: app.get<Journal>(JOURNAL), bootstrap: first, pseudonym, logger });
}
