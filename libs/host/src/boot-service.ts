import { LOG_LEVELS, createLogger, type LogFields, type LogLevel, type Logger } from '@countersign/observability';

import { EXIT } from './exit-codes.js';
import { startHttpService, type HttpServiceDefinition } from './http-service.js';
import { KeystoreError } from './keystore.js';
import { ConfigurationError } from './service-config.js';
import type { ServiceDefinition } from './service-definition.js';
import { startService } from './start-service.js';
import { stopOnSignals } from './stop-on-signals.js';

/**
 * The whole of a service's `main.ts`: starts it with the settings of the environment, says `ready`, and stops it on SIGTERM or SIGINT;
 * a second signal ends the process at once. A start that fails says why and ends with 1, or 2 if settings or secrets are wrong.
 */
export async function bootService(definition: ServiceDefinition): Promise<void> {
  await boot(definition.name, async (logger) => {
    const service = await startService(definition, process.env, logger);
    const { grpcAddress, httpAddress } = service.context.config;
    return { service, doors: { address: grpcAddress, name: httpAddress } };
  });
}

/** The same for a process of `startHttpService`. */
export async function bootHttpService(definition: HttpServiceDefinition): Promise<void> {
  await boot(definition.name, async (logger) => {
    const service = await startHttpService(definition, process.env, logger);
    return { service, doors: { address: service.address } };
  });
}

interface Booted {
  readonly service: { stop(): Promise<void> };
  readonly doors: LogFields;
}

async function boot(name: string, start: (logger: Logger) => Promise<Booted>): Promise<void> {
  const logger = createLogger({ service: name, level: levelOf(process.env['COUNTERSIGN_LOG_LEVEL']) });
  endOnBugs(logger);
  try {
    const { service, doors } = await start(logger);
    stopOnSignals(service, logger, process);
    logger.info('ready', doors);
  } catch (error) {
    process.exit(reportFailedStart(error, logger));
  }
}

function reportFailedStart(error: unknown, logger: Logger): number {
  if (error instanceof ConfigurationError) {
    error.settings.forEach((setting) => logger.error('configuration-invalid', setting));
    return EXIT.misconfigured;
  }
  logger.error('start-failed', { error });
  return error instanceof KeystoreError ? EXIT.misconfigured : EXIT.failed;
}

/** A promise nobody waits for failed, or an event handler threw: the process is in a state nobody foresaw. */
function endOnBugs(logger: Logger): void {
  const end = (error: unknown): void => {
    logger.error('unhandled-error', { error });
    process.exit(EXIT.failed);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

function levelOf(text: string | undefined): LogLevel {
  return LOG_LEVELS.find((level) => level === text) ?? 'info';
}
