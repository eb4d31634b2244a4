export { defaultDataDir, openDataLayout, REPOSITORY_ROOT, type DataLayout } from './layout.js';
export { partsFromEnvironment, type GivenParts } from './given-parts.js';
export {
  ADMINISTRATOR,
  COSIGNERS,
  LOG_SERVICES,
  OPERATOR,
  originOf,
  servicePrincipal,
  SERVICES,
  type CosignerName,
  type LogServiceName,
  type Namespace,
  type ServiceName,
} from './names.js';
export type { ChainPart } from './parts/chain.js';
export type { KafkaPart } from './parts/kafka.js';
export type { PostgresPart } from './parts/postgres.js';
export type { MemoryUse, NamedProcess } from './parts/supervisor.js';
export { startPlatform, type Platform, type StartPlatformOptions } from './platform.js';
export type { KnownCosigner } from './provision/cosigners.js';
export type { RegistryContract } from './provision/contract.js';
export { databaseUrl, type ServiceDatabase, type ServiceDatabases } from './provision/databases.js';
export type { Keystores, RegisteredLog } from './provision/keystores.js';
export type { Provisioned } from './provision/provision.js';
export type { PublicFiles } from './provision/public-files.js';
export type { AddressBook, ServiceAddresses } from './services/addresses.js';
export type { CosignerHandle, ServiceHandle } from './services/service-handle.js';
export { StackError } from './stack-error.js';
export { startParts, type Parts, type StartPartsOptions } from './start-parts.js';
export { startOneKafka, type OneKafka } from './start-one-kafka.js';
export { startOnePostgres, type OnePostgres, type OnePostgresOptions } from './start-one-postgres.js';
export { stopOnSignals } from './stop-on-signals.js';
