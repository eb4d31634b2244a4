import { startProjections, type EventLog, type ProjectionDefinition, type Projections } from '@countersign/event-log';
import { gauge, type Logger } from '@countersign/observability';

/** Keeps the read models of a service up with its log, with their lag as metrics; undefined for a service without any. */
export function startReadModels(
  definitions: readonly ProjectionDefinition[] | undefined,
  log: EventLog | undefined,
  logger: Logger,
): Projections | undefined {
  if (log === undefined || definitions === undefined) return undefined;
  const projections = startProjections({
    log,
    definitions,
    onFailure: (name, error) => logger.warn('projection-failed', { name, error }),
  });
  const gauges = definitions.map(({ name }) =>
    gauge('projectionLagEvents', () => lagOf(projections, name), { projection: name }),
  );
  return {
    list: () => projections.list(),
    rebuild: (name, signal) => projections.rebuild(name, signal),
    compare: (name, signal) => projections.compare(name, signal),
    endCalls: () => projections.endCalls(),
    stop: async () => {
      gauges.forEach((remove) => remove());
      await projections.stop();
    },
  };
}

async function lagOf(projections: Projections, name: string): Promise<number> {
  const status = (await projections.list()).find((each) => each.name === name);
  return Number((status?.head ?? 0n) - (status?.position ?? 0n));
}
