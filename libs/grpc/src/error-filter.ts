import { DomainError } from '@countersign/kernel';
import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { currentCorrelationId, newCorrelationId, count, type Logger } from '@countersign/observability';
import { throwError, type Observable } from 'rxjs';

import { CallError } from './call-error.js';
import { refusalOf, statusOf } from './status.js';

/** Answers whatever a controller throws. Global: `app.useGlobalFilters(new GrpcErrorFilter(logger))`. */
@Catch()
export class GrpcErrorFilter implements RpcExceptionFilter<unknown> {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown): Observable<never> {
    const refusal = refusalOf(error, newCorrelationId);
    const correlationId = currentCorrelationId() ?? newCorrelationId();
    if (refusal.errorId !== undefined) {
      this.logger.error('call-failed', { ...factsFor(error), code: refusal.code, errorId: refusal.errorId, error });
      if (refusal.code !== 'INTERNAL') count('alarms', 1, { code: refusal.code });
    } else if (error instanceof CallError) {
      this.logger.warn('neighbour-down', { status: error.statusName, error });
    }
    return throwError(() => statusOf(refusal, correlationId));
  }
}

/** What operators need to find the cause: stream, sequence, type. Never told to the caller. */
function factsFor(error: unknown): Readonly<Record<string, string | number>> {
  return error instanceof DomainError ? (error.detail.context ?? {}) : {};
}
