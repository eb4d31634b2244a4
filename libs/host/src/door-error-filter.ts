import type { GrpcErrorFilter } from '@countersign/grpc';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { BaseExceptionFilter } from '@nestjs/core';

/** Errors of both kinds of doors: Nest binds global filters when the gRPC side is connected, and to the HTTP side as well. */
@Catch()
export class DoorErrorFilter implements ExceptionFilter<unknown> {
  constructor(
    private readonly grpc: GrpcErrorFilter,
    private readonly http: BaseExceptionFilter,
  ) {}

  catch(error: unknown, host: ArgumentsHost): unknown {
    // oxlint-disable promise/valid-params, promise/no-promise-in-callback -- A filter's method, not a promise's.
    return host.getType() === 'http' ? this.http.catch(error, host) : this.grpc.catch(error);
  }
}
