import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { anyPack, type Any } from '@bufbuild/protobuf/wkt';
import { DomainError, ERROR_CODES, type ErrorCode, type ErrorKind } from '@countersign/kernel';
import { googleRpc } from '@countersign/proto';
import { Metadata, status as Code, type StatusObject } from '@grpc/grpc-js';

import { CallError } from './call-error.js';
import { CORRELATION_KEY, DETAILS_KEY, ERROR_DOMAIN, LIMITS } from './config.js';
import { InvalidRequest, type FieldViolation } from './request-rules.js';

/** The one table from kinds of error to gRPC status codes (style 34). */
export const KIND_STATUS: Readonly<Record<ErrorKind, Code>> = {
  invalid: Code.INVALID_ARGUMENT,
  missing: Code.NOT_FOUND,
  'wrong-state': Code.FAILED_PRECONDITION,
  'version-conflict': Code.ABORTED,
  exists: Code.ALREADY_EXISTS,
  unauthenticated: Code.UNAUTHENTICATED,
  denied: Code.PERMISSION_DENIED,
  overload: Code.RESOURCE_EXHAUSTED,
  unavailable: Code.UNAVAILABLE,
  'broken-proof': Code.DATA_LOSS,
  unimplemented: Code.UNIMPLEMENTED,
  deadline: Code.DEADLINE_EXCEEDED,
  internal: Code.INTERNAL,
};

/** What the caller is told about an error: safe for everybody. The cause stays in the log, under the error id. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly rule?: string;
  readonly violations: readonly FieldViolation[];
  /** Set if the cause was logged and must be quoted to be found. */
  readonly errorId?: string;
}

/** Reduces whatever was thrown to what the caller may know. An unknown error is INTERNAL and says nothing. */
export function refusalOf(error: unknown, newErrorId: () => string): Refusal {
  if (error instanceof InvalidRequest) return { code: error.violations[0].code, violations: error.violations };
  if (error instanceof CallError) return neighbourRefusal(error, newErrorId);
  if (!(error instanceof DomainError) || error.kind === 'internal')
    return { code: 'INTERNAL', violations: [], errorId: newErrorId() };
  const { field, rule } = error.detail;
  return {
    code: error.code,
    ...(rule === undefined ? {} : { rule }),
    violations: field === undefined ? [] : [{ field, rule: rule ?? ERROR_CODES[error.code].message, code: error.code }],
    ...(error.kind === 'broken-proof' ? { errorId: newErrorId() } : {}),
  };
}

/** The status object of a refusal: message, google.rpc details and correlation id. */
export function statusOf(refusal: Refusal, correlationId: string): StatusObject {
  const code = KIND_STATUS[ERROR_CODES[refusal.code].kind];
  const message = messageOf(refusal);
  const info = {
    reason: refusal.code,
    domain: ERROR_DOMAIN,
    metadata: { correlation_id: correlationId, ...(refusal.errorId === undefined ? {} : { error_id: refusal.errorId }) },
  };
  const details = [pack(googleRpc.ErrorInfoSchema, info), ...badRequest(refusal), ...retryInfo(refusal)];
  const body = toBinary(googleRpc.StatusSchema, create(googleRpc.StatusSchema, { code, message, details }));
  const metadata = new Metadata();
  metadata.set(DETAILS_KEY, Buffer.from(body));
  metadata.set(CORRELATION_KEY, correlationId);
  return { code, details: message, metadata };
}

/** The reason inside a status that `statusOf` made, if it is one. */
export function reasonOf(metadata: Metadata | null | undefined): string | undefined {
  const [body] = metadata?.get(DETAILS_KEY) ?? [];
  if (!(body instanceof Uint8Array)) return undefined;
  const info = fromBinary(googleRpc.StatusSchema, body).details.find(({ typeUrl }) =>
    typeUrl.endsWith(googleRpc.ErrorInfoSchema.typeName),
  );
  return info === undefined ? undefined : fromBinary(googleRpc.ErrorInfoSchema, info.value).reason;
}

/** A neighbour that does not answer is a dependency that is down; any other answer to our own call is our bug. */
function neighbourRefusal(error: CallError, newErrorId: () => string): Refusal {
  const down = [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED, Code.CANCELLED].includes(error.status);
  return down ? { code: 'DEPENDENCY_UNAVAILABLE', violations: [] } : { code: 'INTERNAL', violations: [], errorId: newErrorId() };
}

function messageOf({ code, rule, violations }: Refusal): string {
  const said = rule ?? violations[0]?.rule;
  return said === undefined ? ERROR_CODES[code].message : `${ERROR_CODES[code].message}: ${said}`;
}

function badRequest({ violations }: Refusal): Any[] {
  if (violations.length === 0) return [];
  const fieldViolations = violations.map(({ field, rule, code }) => ({ field, description: rule, reason: code }));
  return [pack(googleRpc.BadRequestSchema, { fieldViolations })];
}

function retryInfo({ code }: Refusal): Any[] {
  if (ERROR_CODES[code].kind !== 'overload' || code === 'MESSAGE_TOO_LARGE') return [];
  const retryDelay = { seconds: BigInt(Math.floor(LIMITS.retryDelayMs / 1000)), nanos: (LIMITS.retryDelayMs % 1000) * 1_000_000 };
  return [pack(googleRpc.RetryInfoSchema, { retryDelay })];
}

function pack<Desc extends DescMessage>(schema: Desc, value: MessageInitShape<Desc>): Any {
  return anyPack(schema, create(schema, value));
}
