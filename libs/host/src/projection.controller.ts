import type { MessageInitShape } from '@bufbuild/protobuf';
import { hasRole, requireRole } from '@countersign/access';
import type { Comparison, CompareStep, LogIdentity, Projections, ProjectionStatus, RebuildStep } from '@countersign/event-log';
import { GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { DomainError, type Actor } from '@countersign/kernel';
import { operationsV1 } from '@countersign/proto';
import { parseRegistration } from '@countersign/record';
import { Inject } from '@nestjs/common';

import { LOG_IDENTITY, PROJECTIONS } from './tokens.js';

/** The operators' door to the read models of a service. */
@GrpcController(operationsV1.ProjectionService)
export class ProjectionController implements GrpcHandlers<typeof operationsV1.ProjectionService> {
  constructor(
    @Inject(PROJECTIONS) private readonly projections: Projections,
    @Inject(LOG_IDENTITY) private readonly identity: LogIdentity,
  ) {}

  async listProjections(
    _request: operationsV1.ListProjectionsRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof operationsV1.ListProjectionsResponseSchema>> {
    if (!hasRole(call.actor, 'auditor')) this.#requireOperator(call.actor);
    return { projections: (await this.projections.list()).map(statusMessage) };
  }

  async *rebuildProjection(
    { name }: operationsV1.RebuildProjectionRequest,
    call: RpcCall,
  ): AsyncGenerator<MessageInitShape<typeof operationsV1.RebuildProjectionResponseSchema>> {
    this.#requireOperator(call.actor);
    for await (const step of this.projections.rebuild(name, call.signal)) {
      yield { progress: progressMessage(step), joined: step.joined };
    }
  }

  async *compareProjection(
    { name }: operationsV1.CompareProjectionRequest,
    call: RpcCall,
  ): AsyncGenerator<MessageInitShape<typeof operationsV1.CompareProjectionResponseSchema>> {
    requireRole(call.actor, 'auditor');
    for await (const step of this.projections.compare(name, call.signal)) yield comparisonStepMessage(step);
  }

  /** @throws DomainError PERMISSION_DENIED unless the actor administers for the organisation that runs this deployment */
  #requireOperator(actor: Actor): void {
    requireRole(actor, 'administrator');
    if (actor.organisationId !== parseRegistration(this.identity.registration).organisation)
      throw new DomainError('PERMISSION_DENIED');
  }
}

function statusMessage(status: ProjectionStatus): MessageInitShape<typeof operationsV1.ProjectionSchema> {
  const { name, version, liveVersion = 0, position, head, state, failure = '', beside } = status;
  // The head was read first: a read model may be ahead of it.
  const lag = head > position ? head - position : 0n;
  return { name, version, liveVersion, position, head, lag, state, failure, besidePosition: beside?.position ?? 0n };
}

type Stepped = Pick<RebuildStep, 'done' | 'total' | 'eventsPerSecond' | 'failure'> & { readonly phase: string };

function progressMessage({
  phase,
  done,
  total,
  eventsPerSecond,
  failure = '',
}: Stepped): MessageInitShape<typeof operationsV1.ProgressSchema> {
  return { phase, done, total, eventsPerSecond: BigInt(eventsPerSecond), failure };
}

function comparisonStepMessage(step: CompareStep): MessageInitShape<typeof operationsV1.CompareProjectionResponseSchema> {
  if (step.phase !== 'compared') return { progress: progressMessage(step) };
  const { position } = step.comparison;
  const progress = progressMessage({ phase: step.phase, done: position, total: position, eventsPerSecond: 0 });
  return { progress, comparison: comparisonMessage(step.comparison) };
}

function comparisonMessage(comparison: Comparison): MessageInitShape<typeof operationsV1.ComparisonSchema> {
  const { position, rowsCompared, differing, differences } = comparison;
  return {
    position,
    rows: rowsCompared,
    differing,
    differences: differences.map(({ table, key, kind, columns }) => ({
      table,
      key,
      kind,
      columns: columns.map((each) => ({ ...each })),
    })),
  };
}
