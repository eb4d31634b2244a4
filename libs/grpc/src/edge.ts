import { constants, type ServerHttp2Stream } from 'node:http2';

import type { ErrorCode } from '@countersign/kernel';
import { isCorrelationId, newCorrelationId, record, withCorrelation, type Logger } from '@countersign/observability';
import {
  Metadata,
  ServerInterceptingCall,
  status as Code,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';

import { createAdmission, type AdmissionOptions } from './admission.js';
import { CORRELATION_KEY } from './config.js';
import { refusalOf, reasonOf, statusOf } from './status.js';
import { ServedCall, rememberCall } from './served-call.js';

export interface EdgeOptions extends AdmissionOptions {
  readonly logger: Logger;
}

/**
 * What every call passes first and last: correlation id, size of the metadata, token, and a status that always has the same shape,
 * also where grpc-js itself refuses (message too large, undecodable, no such method, deadline).
 */
export function edgeInterceptor({ logger, ...options }: EdgeOptions): ServerInterceptor {
  const admission = createAdmission(options);

  return ({ path }, base) => {
    const call = new ServedCall(admission.isKnown(path) ? path : 'other', newCorrelationId());
    shapeStatuses(base, call, logger);
    call.reset = () => resetStream(base);
    return new ServerInterceptingCall(base, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            const asked = metadata.get(CORRELATION_KEY)[0];
            if (isCorrelationId(asked)) call.correlationId = asked;
            rememberCall(metadata, call);
            void withCorrelation(call.correlationId, () =>
              admission.admit(path, metadata, call).then(
                () => proceed(metadata),
                (error: unknown) => refuse(base, error, call, logger),
              ),
            );
          },
          onReceiveMessage: (message: unknown, proceed) => withCorrelation(call.correlationId, () => proceed(message)),
          onReceiveHalfClose: (proceed) => withCorrelation(call.correlationId, proceed),
          onCancel: () => call.gone.abort(),
        }),
      sendMetadata: (metadata, next) => {
        metadata.set(CORRELATION_KEY, call.correlationId);
        next(metadata);
      },
    });
  };
}

type Status = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

/** Ends a call that never reached its handler. */
function refuse(base: ServerInterceptingCallInterface, error: unknown, call: ServedCall, logger: Logger): void {
  const refusal = refusalOf(error, newCorrelationId);
  if (refusal.errorId !== undefined) logger.error('call-failed', { method: call.method, errorId: refusal.errorId, error });
  base.sendStatus(statusOf(refusal, call.correlationId));
}

/**
 * grpc-js answers some failures below every interceptor, through the `sendStatus` of this innermost call; replacing it there is the
 * one place that sees every status.
 */
function shapeStatuses(base: ServerInterceptingCallInterface, call: ServedCall, logger: Logger): void {
  const send = base.sendStatus.bind(base);
  base.sendStatus = (status) => {
    const shaped = shapeStatus(status, call);
    if (!call.ended) {
      call.ended = true;
      account(shaped, call, logger);
    }
    send(shaped);
  };
}

/** grpc-js has no way to give up a call whose reader takes nothing, so this reaches for its HTTP/2 stream. Clients read RESOURCE_EXHAUSTED. */
function resetStream(base: ServerInterceptingCallInterface): void {
  const { stream } = base as unknown as { readonly stream?: Pick<ServerHttp2Stream, 'close'> };
  stream?.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
}

function shapeStatus(status: Status, call: ServedCall): Status {
  if (status.code === Code.OK) {
    const metadata = status.metadata?.clone() ?? new Metadata();
    metadata.set(CORRELATION_KEY, call.correlationId);
    return { ...status, metadata };
  }
  if (reasonOf(status.metadata) !== undefined) return status;
  // What grpc-js says of a call that was given up follows from the interruption.
  const { aborted, reason } = call.interrupted.signal;
  if (aborted) return statusOf(refusalOf(reason, newCorrelationId), call.correlationId);
  return statusOf({ code: transportCode(status), violations: [] }, call.correlationId);
}

/** What grpc-js, the health service or reflection meant by a status without details. */
function transportCode({ code, details }: Status): ErrorCode {
  switch (code) {
    case Code.RESOURCE_EXHAUSTED:
      return 'MESSAGE_TOO_LARGE';
    case Code.UNIMPLEMENTED:
      // Also: no message or two where the method takes one, and an unsupported compression.
      return /^Received|compress/i.test(details ?? '') ? 'MESSAGE_MALFORMED' : 'METHOD_UNKNOWN';
    case Code.DEADLINE_EXCEEDED:
      return 'DEADLINE_EXCEEDED';
    case Code.NOT_FOUND:
      return 'NOT_FOUND';
    case Code.INTERNAL:
      return /deserializ|decompress|grpc-timeout/i.test(details ?? '') ? 'MESSAGE_MALFORMED' : 'INTERNAL';
    default:
      return 'INTERNAL';
  }
}

function account(status: Status, call: ServedCall, logger: Logger): void {
  const seconds = (performance.now() - call.startedAt) / 1000;
  const name = Code[status.code ?? Code.UNKNOWN];
  record('rpcDuration', seconds, { method: call.method, status: name });
  const facts = { method: call.method, status: name, durationMs: Math.round(seconds * 1000), pseudonym: call.pseudonym };
  withCorrelation(call.correlationId, () => {
    if (status.code === Code.OK) logger.debug('call', facts);
    else logger.info('call-refused', { ...facts, code: reasonOf(status.metadata) });
  });
}
