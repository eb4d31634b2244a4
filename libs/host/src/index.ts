export { bootHttpService, bootService } from './boot-service.js';
export {
  startHttpService,
  type HttpServiceDefinition,
  type HttpServiceContext,
  type RunningHttpService,
} from './http-service.js';
export { startService, type RunningService } from './start-service.js';
export type { LogDefinition, ServiceContext, ServiceDefinition, ServiceParts } from './service-definition.js';
export { bootMigrations, runMigrations, type MigrationOptions } from './run-migrations.js';
export { ConfigurationError, address, addressList, databaseUrl, readSettings, type ServiceConfig } from './service-config.js';
export { KeystoreError, createFileKeystore, readPrivateKey, readPublicKey, readSecret, type Keystore } from './keystore.js';
export type { Fact } from './fact.js';
export { IGNORED } from './fact-lanes.js';
export type { FactProjection, FactSubscription, Reaction, SubscribeEvents } from './subscribe-facts.js';
export type { ServiceActor } from './service-actor.js';
export { pageOf, pageTerms, type PageRequest, type PageTerms } from './projection-page.js';
export { readModelMigration, type ReadModelMigration } from './projection-migrations.js';
export { outcomeMessage } from './outcome-message.js';
export * from './tokens.js';
