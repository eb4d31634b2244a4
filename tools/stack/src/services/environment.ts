import { COMPILE_CACHE } from '../layout.js';
import type { ServiceName } from '../names.js';
import type { ServiceDatabases } from '../provision/databases.js';
import type { AddressBook } from './addresses.js';

/** What the services of one platform have to know about it. */
export interface ServiceSurroundings {
  readonly databases: ServiceDatabases;
  readonly keystores: Readonly<Record<ServiceName, string>>;
  readonly brokers: readonly string[];
  readonly chainRpcUrl: string;
  readonly contract: string;
  readonly topicPrefix: string;
  readonly addresses: AddressBook;
  readonly logLevel: string;
  /** Folder for CPU profiles. */
  readonly profiles?: string;
}

/**
 * The whole environment of a service process; nothing is inherited but the search path, so that a service runs here as
 * it does elsewhere and sees no key of another.
 */
export function serviceEnvironment(service: ServiceName, around: ServiceSurroundings): NodeJS.ProcessEnv {
  const { databases, addresses } = around;
  return {
    PATH: process.env['PATH'],
    NODE_ENV: 'production',
    TZ: 'UTC',
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    COUNTERSIGN_DATABASE_URL: databases[service].appUrl,
    COUNTERSIGN_KAFKA_BROKERS: around.brokers.join(','),
    COUNTERSIGN_GRPC_ADDRESS: addresses[service].grpc,
    COUNTERSIGN_HTTP_ADDRESS: addresses[service].http,
    COUNTERSIGN_KEYSTORE: around.keystores[service],
    COUNTERSIGN_IDENTITY_URL: addresses.identity.grpc,
    COUNTERSIGN_JWKS_URL: `http://${addresses.identity.http}/.well-known/jwks.json`,
    COUNTERSIGN_ANCHORING_URL: addresses.anchoring.grpc,
    COUNTERSIGN_TOPIC_PREFIX: around.topicPrefix,
    COUNTERSIGN_LOG_LEVEL: around.logLevel,
    ...(around.profiles === undefined ? {} : profiling(service, around.profiles)),
    ...(service === 'identity' ? { COUNTERSIGN_KEYS_DATABASE_URL: databases['identity-keys'].appUrl } : {}),
    ...(service === 'anchoring'
      ? { COUNTERSIGN_CHAIN_RPC_URL: around.chainRpcUrl, COUNTERSIGN_CHAIN_CONTRACT: around.contract }
      : {}),
  };
}

/** Node itself writes the profile, at the end of the process. */
function profiling(service: ServiceName, folder: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${JSON.stringify(folder)} --cpu-prof-name=${service}.cpuprofile` };
}
