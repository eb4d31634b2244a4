import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { googleRpc } from '@countersign/proto';
import { status as Code, type ServiceError } from '@grpc/grpc-js';

import { CORRELATION_KEY, DETAILS_KEY } from './config.js';

/** What a server said about a refused call. */
export interface CallFacts {
  /** gRPC status code. */
  readonly status: Code;
  /** Error code of `docs/errors.md` (ErrorInfo.reason); the name of the status if the server sent none. */
  readonly code: string;
  /** Every field that broke a rule. */
  readonly violations: readonly { readonly field: string; readonly rule: string; readonly code: string }[];
  /** To be quoted to the operator of the server. */
  readonly errorId?: string;
  readonly correlationId: string;
  readonly retryDelayMs?: number;
}

/** A refused call, read back from its status and details. */
export class CallError extends Error implements CallFacts {
  override readonly name = 'CallError';
  readonly status: Code;
  readonly code: string;
  readonly violations: CallFacts['violations'];
  readonly errorId?: string;
  readonly correlationId: string;
  readonly retryDelayMs?: number;

  constructor(message: string, facts: CallFacts) {
    super(message);
    this.status = facts.status;
    this.code = facts.code;
    this.violations = facts.violations;
    this.errorId = facts.errorId;
    this.correlationId = facts.correlationId;
    this.retryDelayMs = facts.retryDelayMs;
  }

  /** E.g. `FAILED_PRECONDITION`. */
  get statusName(): string {
    return Code[this.status];
  }

  /** First field that broke a rule. */
  get field(): string | undefined {
    return this.violations[0]?.field;
  }

  /** The rule it broke. */
  get rule(): string | undefined {
    return this.violations[0]?.rule;
  }
}

/** @param correlationId the one the call was sent with, should the server have sent none */
export function callErrorOf(path: string, error: ServiceError, correlationId: string): CallError {
  const { info, badRequest, retryInfo } = readDetails(error);
  const code = info?.reason ?? Code[error.code];
  return new CallError(`${path}: ${Code[error.code]} ${code}: ${error.details}`, {
    status: error.code,
    code,
    violations: (badRequest?.fieldViolations ?? []).map(({ field, description, reason }) => ({
      field,
      rule: description,
      code: reason,
    })),
    errorId: info?.metadata['error_id'],
    correlationId: textOf(error.metadata?.get(CORRELATION_KEY)[0]) ?? correlationId,
    retryDelayMs: millisecondsOf(retryInfo),
  });
}

interface Details {
  readonly info?: googleRpc.ErrorInfo;
  readonly badRequest?: googleRpc.BadRequest;
  readonly retryInfo?: googleRpc.RetryInfo;
}

function readDetails(error: ServiceError): Details {
  const [body] = error.metadata?.get(DETAILS_KEY) ?? [];
  if (!(body instanceof Uint8Array)) return {};
  try {
    const { details } = fromBinary(googleRpc.StatusSchema, body);
    return {
      info: details.map((any) => anyUnpack(any, googleRpc.ErrorInfoSchema)).find((found) => found !== undefined),
      badRequest: details.map((any) => anyUnpack(any, googleRpc.BadRequestSchema)).find((found) => found !== undefined),
      retryInfo: details.map((any) => anyUnpack(any, googleRpc.RetryInfoSchema)).find((found) => found !== undefined),
    };
  } catch {
    // Details of a foreign server that are not a google.rpc.Status: the status alone has to do.
    return {};
  }
}

function millisecondsOf(retryInfo: googleRpc.RetryInfo | undefined): number | undefined {
  const delay = retryInfo?.retryDelay;
  return delay === undefined ? undefined : Number(delay.seconds) * 1000 + Math.floor(delay.nanos / 1_000_000);
}

function textOf(value: string | Buffer | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
