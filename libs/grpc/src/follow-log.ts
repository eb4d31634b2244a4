import { setTimeout as sleep } from 'node:timers/promises';

import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { evidenceV1 } from '@countersign/proto';
import { status as Code } from '@grpc/grpc-js';

import { CallError } from './call-error.js';
import type { Client } from './client.js';
import { FOLLOW_LIMITS, type FollowLimits } from './config.js';

/** A subscription that broke and is about to be taken up again. */
export interface Interruption {
  readonly error: CallError;
  /** In a row, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
}

export interface FollowOptions {
  /** Ends it, without an error. */
  readonly signal?: AbortSignal;
  readonly onInterruption?: (interruption: Interruption) => void;
  readonly limits?: Partial<FollowLimits>;
}

type SubscribeRequest = MessageInitShape<typeof evidenceV1.SubscribeRequestSchema>;
type Subscribable = Pick<Client<typeof evidenceV1.EvidenceService>, 'subscribe'>;

/**
 * Follows a log for as long as it is asked to: a subscription that breaks (the service restarts, the token ends, the connection falls
 * silent) is taken up again where it was, after a pause that grows up to a limit. What was yielded does not come again; to survive the end
 * of this process, keep the last resume token with the effect of its records. Ends when the server ends the stream (`endAtHead`).
 * @throws CallError when trying again cannot help, or did not help for long: `LOG_REWOUND` and whatever is wrong with the request
 */
export async function* followLog(
  evidence: Subscribable,
  request: SubscribeRequest,
  { signal, onInterruption, limits: given }: FollowOptions = {},
): AsyncGenerator<evidenceV1.SubscribeResponse> {
  const limits = { ...FOLLOW_LIMITS, ...given };
  const isOver = (): boolean => signal?.aborted === true;
  let from = create(evidenceV1.SubscribeRequestSchema, request);
  let failures = 0;
  while (!isOver()) {
    try {
      for await (const response of untilSilent(evidence, from, limits, signal)) {
        failures = 0;
        from = behind(response, from);
        yield response;
      }
      return;
    } catch (error) {
      if (isOver()) return;
      failures += 1;
      if (!(error instanceof CallError) || !isWorthAnotherTry(error, failures, limits)) throw error;
      const delayMs = pauseOf(error, failures, limits);
      onInterruption?.({ error, attempt: failures, delayMs });
      // Rejects when it is told to end, which the loop sees.
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

function behind({ message }: evidenceV1.SubscribeResponse, request: evidenceV1.SubscribeRequest): evidenceV1.SubscribeRequest {
  if (message.value === undefined) return request;
  return { ...request, start: { case: 'resumeToken', value: message.value.resumeToken } };
}

/** A connection that carries no heartbeat is dead, whatever the transport still believes: it is given up, as CANCELLED. */
async function* untilSilent(
  evidence: Subscribable,
  request: evidenceV1.SubscribeRequest,
  { heartbeatMs, silenceMs }: FollowLimits,
  signal: AbortSignal | undefined,
): AsyncGenerator<evidenceV1.SubscribeResponse> {
  const silent = new AbortController();
  const interval = request.heartbeatIntervalMs === 0 ? heartbeatMs : request.heartbeatIntervalMs;
  const listen = (): NodeJS.Timeout => setTimeout(() => silent.abort(), 2 * interval + silenceMs);
  const ends = signal === undefined ? silent.signal : AbortSignal.any([silent.signal, signal]);
  let timer = listen();
  try {
    for await (const response of evidence.subscribe(request, { signal: ends, deadlineMs: Infinity })) {
      clearTimeout(timer);
      yield response;
      timer = listen();
    }
  } finally {
    clearTimeout(timer);
  }
}

const PASSING: ReadonlySet<Code> = new Set([
  Code.UNAVAILABLE,
  Code.UNAUTHENTICATED,
  Code.RESOURCE_EXHAUSTED,
  Code.DEADLINE_EXCEEDED,
  Code.CANCELLED,
  Code.ABORTED,
]);

function isWorthAnotherTry(error: CallError, failures: number, limits: FollowLimits): boolean {
  if (failures >= (error.status === Code.UNAUTHENTICATED ? limits.refusalsMax : limits.attemptsMax)) return false;
  if (PASSING.has(error.status)) return error.code !== 'MESSAGE_TOO_LARGE';
  // A connection that was cut in the middle: the status is the transport's, not the service's.
  return (
    (error.status === Code.INTERNAL || error.status === Code.UNKNOWN) &&
    error.code === error.statusName &&
    error.errorId === undefined
  );
}

/** Doubles up to a limit, at random below that, so that those who were cut off together do not come back together. */
function pauseOf({ retryDelayMs = 0 }: CallError, failures: number, { pauseMs, pauseMaxMs }: FollowLimits): number {
  const longest = Math.min(pauseMaxMs, pauseMs * 2 ** Math.min(failures, 16));
  return Math.max(retryDelayMs, Math.round(longest * (0.5 + Math.random() / 2)));
}
