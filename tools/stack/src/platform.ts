import { namespaceFromEnvironment, SERVICES, type Namespace, type ServiceName } from './names.js';
import type { MemoryUse, NamedProcess } from './parts/supervisor.js';
import { provision, type Provisioned } from './provision/provision.js';
import { claimAddresses, type AddressBook } from './services/addresses.js';
import { serviceEnvironment, type ServiceSurroundings } from './services/environment.js';
import { serviceHandle, type ServiceHandle } from './services/service-handle.js';
import { startParts, type Parts, type StartPartsOptions } from './start-parts.js';

export interface StartPlatformOptions extends StartPartsOptions {
  /** Default: `COUNTERSIGN_NAMESPACE` (`countersign`) for databases, `COUNTERSIGN_TOPIC_PREFIX` (empty) for topics. */
  readonly namespace?: Partial<Namespace>;
  /** pino level of the services' logs. Default `info`. */
  readonly logLevel?: string;
  /** Each service writes a CPU profile into this folder when it stops. */
  readonly profiles?: string;
}

/** A running platform: parts, four services, and what is needed to talk to them. */
export interface Platform {
  readonly parts: Parts;
  readonly provisioned: Provisioned;
  readonly services: Readonly<Record<ServiceName, ServiceHandle>>;
  readonly addresses: AddressBook;
  readonly namespace: Namespace;
  memory(): readonly MemoryUse[];
  processes(): readonly NamedProcess[];
  /** Stops the services first, the parts after them. */
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
    const services = handles(parts, log, {
      databases: provisioned.databases,
      keystores: provisioned.keystores.directories,
      brokers: parts.kafka.brokers,
      chainRpcUrl: parts.chain.rpcUrl,
      contract: provisioned.contract.address,
      topicPrefix: namespace.topic,
      addresses,
      logLevel: options.logLevel ?? process.env['COUNTERSIGN_LOG_LEVEL'] ?? 'info',
      ...(options.profiles === undefined ? {} : { profiles: options.profiles }),
    });
    await startServices(services, log);
    const stop = async (): Promise<void> => {
      await stopServices(services);
      await parts.stop();
    };
    return {
      parts,
      provisioned,
      services,
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

function handles(
  parts: Parts,
  log: (line: string) => void,
  surroundings: ServiceSurroundings,
): Readonly<Record<ServiceName, ServiceHandle>> {
  const entries = SERVICES.map((name): [ServiceName, ServiceHandle] => {
    const handle = serviceHandle(parts.layout, parts.supervisor, {
      name,
      addresses: surroundings.addresses[name],
      environment: serviceEnvironment(name, surroundings),
      onUnexpectedEnd: (how) => log(`${name} ended unexpectedly (${how}); see ${handle.logFile}`),
    });
    return [name, handle];
  });
  return Object.fromEntries(entries) as Record<ServiceName, ServiceHandle>;
}

/** All at once: each waits for what it needs of the others by itself. */
async function startServices(services: Readonly<Record<ServiceName, ServiceHandle>>, log: (line: string) => void): Promise<void> {
  const start = async (name: ServiceName): Promise<void> => {
    const begin = performance.now();
    await services[name].start();
    log(`${name} service ready (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
  };
  await Promise.all(SERVICES.map(start));
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
