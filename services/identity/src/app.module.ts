import type { Journal, LogIdentity } from '@countersign/event-log';
import { JOURNAL, KEYSTORE, LOG_IDENTITY, readPrivateKey, UNIT_KEYS, type Keystore } from '@countersign/host';
import { parseRegistration } from '@countersign/record';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppointmentController } from './appointment/appointment.controller.js';
import { AppointmentHandler } from './appointment/appointment.handler.js';
import { readBootstrap, type Bootstrap } from './bootstrap/bootstrap-file.js';
import { KeyController } from './keys/key.controller.js';
import type { LocalUnitKeys } from './keys/local-unit-keys.js';
import { logOriginsOf } from './log-origins.js';
import type { Operator } from './operator.js';
import { OrganisationController } from './organisation/organisation.controller.js';
import { OrganisationHandler } from './organisation/organisation.handler.js';
import { storedOrganisations } from './organisation-list/organisation-list.query.js';
import { PersonController } from './person/person.controller.js';
import { PersonHandler } from './person/person.handler.js';
import { PrincipalController } from './principal/principal.controller.js';
import { PrincipalHandler } from './principal/principal.handler.js';
import { IssueTokenHandler } from './token/issue-token.handler.js';
import { KeySetController } from './token/key-set.controller.js';
import { createPseudonyms, type Pseudonyms } from './token/pseudonyms.js';
import { createTokenSigner, type TokenSigner } from './token/token-signer.js';
import { TokenController } from './token/token.controller.js';
import { createUsedAssertions } from './token/used-assertions.js';
import { BOOTSTRAP, OPERATOR, ORGANISATION_LIST, PSEUDONYMS, TOKEN_SIGNER, UNIT_KEY_VAULT } from './tokens.js';

/** The only composition root of identity. */
@Module({
  controllers: [
    TokenController,
    KeySetController,
    KeyController,
    OrganisationController,
    PersonController,
    AppointmentController,
    PrincipalController,
  ],
  providers: [
    {
      provide: OPERATOR,
      useFactory: ({ registration }: LogIdentity): Operator => ({ organisationId: parseRegistration(registration).organisation }),
      inject: [LOG_IDENTITY],
    },
    { provide: BOOTSTRAP, useFactory: (keystore: Keystore) => readBootstrap(keystore), inject: [KEYSTORE] },
    {
      provide: PSEUDONYMS,
      useFactory: (dataSource: DataSource, { origin }: LogIdentity, { logOrigins }: Bootstrap) =>
        createPseudonyms(dataSource, logOrigins ?? logOriginsOf(origin)),
      inject: [DataSource, LOG_IDENTITY, BOOTSTRAP],
    },
    { provide: ORGANISATION_LIST, useFactory: storedOrganisations, inject: [DataSource] },
    { provide: UNIT_KEY_VAULT, useFactory: ({ vault }: LocalUnitKeys) => vault, inject: [UNIT_KEYS] },
    {
      provide: TOKEN_SIGNER,
      useFactory: async (keystore: Keystore) => createTokenSigner(await readPrivateKey(keystore, 'token-key.pem')),
      inject: [KEYSTORE],
    },
    {
      provide: IssueTokenHandler,
      useFactory: (journal: Journal, signer: TokenSigner, pseudonyms: Pseudonyms, dataSource: DataSource) =>
        new IssueTokenHandler({
          journal,
          signer,
          pseudonyms,
          usedAssertions: createUsedAssertions(dataSource),
          clock: () => new Date(),
        }),
      inject: [JOURNAL, TOKEN_SIGNER, PSEUDONYMS, DataSource],
    },
    ...[OrganisationHandler, PersonHandler, AppointmentHandler, PrincipalHandler].map((Handler) => ({
      provide: Handler,
      useFactory: (journal: Journal, operator: Operator) => new Handler(journal, operator),
      inject: [JOURNAL, OPERATOR],
    })),
  ],
})
export class AppModule {}
