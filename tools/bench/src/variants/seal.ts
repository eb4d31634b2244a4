import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { writeSealedCommands } from '../workload/sealed-commands.js';

/** Seals the commands that the append variants take; what that costs is shown by the command rows. */
export function measureSeal({ variant, parameters }: VariantOptions): Promise<Measurement> {
  const commands = Number(parameters['commands']);
  const eventsPerCommand = Number(parameters['eventsPerCommand']);
  const begin = performance.now();
  const cpu = process.cpuUsage();
  writeSealedCommands(String(parameters['file']), commands, eventsPerCommand);
  const { user, system } = process.cpuUsage(cpu);
  return Promise.resolve({
    variant,
    concurrency: 1,
    eventsPerSecond: ((commands * eventsPerCommand) / (performance.now() - begin)) * 1000,
    cpuSeconds: { process: (user + system) / 1e6 },
    errors: 0,
    lost: 0,
    doubled: 0,
    verified: true,
    stores: 'a file',
  });
}
