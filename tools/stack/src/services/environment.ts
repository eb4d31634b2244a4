import { COMPILE_CACHE } from '../layout.js';
import type { CosignerName, ServiceName } from '../names.js';
import type { ServiceDatabases } from '../provision/databases.js';
import type { AddressBook, CosignerAddresses } from './addresses.js';

/** What the services of one platform have to know about it. */
export interface ServiceSurroundings {
  readonly databases: ServiceDatabases;
  readonly keystores: Readonly<Record<ServiceName, string>>;
  readonly brokers: readonly string[];
  readonly chainRpcUrl: string;
  readonly contract: string;
  readonly topicPrefix: string;
  readonly addresses: AddressBook;
  readonly cosignerKeystores: Readonly<Record<CosignerName, string>>;
  readonly cosignerAddresses: CosignerAddresses;
  /** The operator's policy, with the addresses of the cosigners to ask. */
  readonly witnessPolicy: string;
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
    ...everyProcess(service, around),
    COUNTERSIGN_DATABASE_URL: databases[service].appUrl,
    COUNTERSIGN_KAFKA_BROKERS: around.brokers.join(','),
    COUNTERSIGN_GRPC_ADDRESS: addresses[service].grpc,
    COUNTERSIGN_HTTP_ADDRESS: addresses[service].http,
    COUNTERSIGN_KEYSTORE: around.keystores[service],
    COUNTERSIGN_IDENTITY_URL: addresses.identity.grpc,
    COUNTERSIGN_JWKS_URL: `http://${addresses.identity.http}/.well-known/jwks.json`,
    COUNTERSIGN_ANCHORING_URL: addresses.anchoring.grpc,
    COUNTERSIGN_TOPIC_PREFIX: around.topicPrefix,
    ...(service === 'identity' ? { COUNTERSIGN_KEYS_DATABASE_URL: databases['identity-keys'].appUrl } : {}),
    ...(service === 'anchoring'
      ? {
          COUNTERSIGN_CHAIN_RPC_URL: around.chainRpcUrl,
          COUNTERSIGN_CHAIN_CONTRACT: around.contract,
          COUNTERSIGN_WITNESS_POLICY: around.witnessPolicy,
        }
      : {}),
  };
}

/** That of a cosigner: it knows its own database and keys, and nothing of the platform whose logs it follows. */
export function cosignerEnvironment(cosigner: CosignerName, around: ServiceSurroundings): NodeJS.ProcessEnv {
  return {
    ...everyProcess(cosigner, around),
    COUNTERSIGN_DATABASE_URL: around.databases[cosigner].appUrl,
    COUNTERSIGN_HTTP_ADDRESS: around.cosignerAddresses[cosigner],
    COUNTERSIGN_KEYSTORE: around.cosignerKeystores[cosigner],
  };
}

function everyProcess(name: string, { logLevel, profiles }: ServiceSurroundings): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    NODE_ENV: 'production',
    TZ: 'UTC',
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    COUNTERSIGN_LOG_LEVEL: logLevel,
    ...(profiles === undefined ? {} : profiling(name, profiles)),
  };
}

/** Node itself writes the profile, at the end of the process. */
function profiling(service: string, folder: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${JSON.stringify(folder)} --cpu-prof-name=${service}.cpuprofile` };
}
