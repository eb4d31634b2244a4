import {
  COSIGNER_PLANS,
  COSIGNERS,
  namespaceFromEnvironment,
  SERVICES,
  type CosignerName,
  type Namespace,
  type ServiceName,
} from './names.js';
import type { MemoryUse, NamedProcess } from './parts/supervisor.js';
import { provision, type Provisioned } from './provision/provision.js';
import { witnessPolicy, writeOperatorPolicy } from './provision/cosigners.js';
import { claimAddresses, claimCosignerAddresses, type AddressBook } from './services/addresses.js';
import { cosignerEnvironment, serviceEnvironment, type ServiceSurroundings } from './services/environment.js';
import { processHandle, type CosignerHandle, type ProcessHandle, type ServiceHandle } from './services/service-handle.js';
import { startParts, type Parts, type StartPartsOptions } from './start-parts.js';

export interface StartPlatformOptions extends StartPartsOptions {
  /** Default: `COUNTERSIGN_NAMESPACE` (`countersign`) for databases, `COUNTERSIGN_TOPIC_PREFIX` (empty) for topics. */
  readonly namespace?: Partial<Namespace>;
  /** pino level of the services' logs. Default `info`. */
  readonly logLevel?: string;
  /** Each service writes a CPU profile into this folder when it stops. */
  readonly profiles?: string;
}

/** A running platform: parts, four services, the cosigners of other organisations, and what is needed to talk to them. */
export interface Platform {
  readonly parts: Parts;
  readonly provisioned: Provisioned;
  readonly services: Readonly<Record<ServiceName, ServiceHandle>>;
  readonly cosigners: Readonly<Record<CosignerName, CosignerHandle>>;
  readonly addresses: AddressBook;
  readonly namespace: Namespace;
  memory(): readonly MemoryUse[];
  processes(): readonly NamedProcess[];
  /** Stops the services first, the cosigners and the parts after them. */
  stop(): Promise<void>;
}

/**
 * Starts everything and waits until every service is ready. Nothing is left running when it throws.
 * @throws StackError with what the person at the keyboard can put right
 */
export async function startPlatform(options: StartPlatformOptions): Promise<Platform> {
  const log = options.log ?? (() => undefined);
  const namespace = { ...namespaceFromEnvironment(), ...options.namespace };
  const parts = await startParts(options);
  try {
    const provisioned = await provision(parts, namespace, log);
    const addresses = await claimAddresses(parts.ports);
    const cosignerAddresses = await claimCosignerAddresses(parts.ports);
    const { databases, keystores, cosigners: known, contract } = provisioned;
    const surroundings: ServiceSurroundings = {
      databases,
      keystores: keystores.directories,
      brokers: parts.kafka.brokers,
      chainRpcUrl: parts.chain.rpcUrl,
      contract: contract.address,
      topicPrefix: namespace.topic,
      addresses,
      cosignerKeystores: Object.fromEntries(known.map(({ name, directory }) => [name, directory])) as Record<
        CosignerName,
        string
      >,
      cosignerAddresses,
      witnessPolicy: writeOperatorPolicy(parts.layout, witnessPolicy(keystores.logs, known, cosignerAddresses)),
      logLevel: options.logLevel ?? process.env['COUNTERSIGN_LOG_LEVEL'] ?? 'info',
      ...(options.profiles === undefined ? {} : { profiles: options.profiles }),
    };
    const services = serviceHandles(parts, log, surroundings);
    const cosigners = cosignerHandles(parts, log, surroundings);
    await startAll([...SERVICES.map((name) => services[name]), ...COSIGNERS.map((name) => cosigners[name])], log);
    const stop = async (): Promise<void> => {
      await stopServices(services);
      await Promise.all(COSIGNERS.map((name) => cosigners[name].stop()));
      await parts.stop();
    };
    return {
      parts,
      provisioned,
      services,
      cosigners,
      addresses,
      namespace,
      memory: () => parts.memory(),
      processes: () => parts.processes(),
      stop,
    };
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

type Told = (line: string) => void;

function serviceHandles(parts: Parts, log: Told, around: ServiceSurroundings): Readonly<Record<ServiceName, ServiceHandle>> {
  const entries = SERVICES.map((name): [ServiceName, ServiceHandle] => {
    const handle = processHandle(parts.layout, parts.supervisor, {
      name,
      program: `services/${name}/dist/main.js`,
      http: around.addresses[name].http,
      environment: serviceEnvironment(name, around),
      onUnexpectedEnd: (how) => log(`${name} ended unexpectedly (${how}); see ${handle.logFile}`),
    });
    return [name, Object.assign(handle, { grpc: around.addresses[name].grpc })];
  });
  return Object.fromEntries(entries) as Record<ServiceName, ServiceHandle>;
}

function cosignerHandles(parts: Parts, log: Told, around: ServiceSurroundings): Readonly<Record<CosignerName, CosignerHandle>> {
  const entries = COSIGNERS.map((name): [CosignerName, CosignerHandle] => {
    const handle: CosignerHandle = processHandle(parts.layout, parts.supervisor, {
      name,
      program: `${COSIGNER_PLANS[name].program}/main.js`,
      http: around.cosignerAddresses[name],
      environment: cosignerEnvironment(name, around),
      onUnexpectedEnd: (how) => log(`${name} ended unexpectedly (${how}); see ${handle.logFile}`),
    });
    return [name, handle];
  });
  return Object.fromEntries(entries) as Record<CosignerName, CosignerHandle>;
}

/** All at once: each waits for what it needs of the others by itself. */
async function startAll(handles: readonly (ProcessHandle & { readonly name: string })[], log: Told): Promise<void> {
  const start = async (handle: (typeof handles)[number]): Promise<void> => {
    const begin = performance.now();
    await handle.start();
    log(`${handle.name} service ready (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
  };
  await Promise.all(handles.map(start));
}

/** The services that others depend on stop last, so that work in hand can end. */
async function stopServices({
  identity,
  inventory,
  procurement,
  anchoring,
}: Readonly<Record<ServiceName, ServiceHandle>>): Promise<void> {
  await Promise.all([inventory.stop(), procurement.stop()]);
  await anchoring.stop();
  await identity.stop();
}
