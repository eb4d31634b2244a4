/** Named limits of the gRPC doors. */
export const LIMITS = {
  /** Largest message in either direction, also after decompression. */
  messageBytesMax: 4 * 1024 * 1024,
  /** Sum of the lengths of all names and values of a call's metadata. */
  metadataBytesMax: 16 * 1024,
  streamsPerConnectionMax: 256,
  keepaliveTimeMs: 60_000,
  keepaliveTimeoutMs: 10_000,
  connectionAgeMaxMs: 30 * 60_000,
  connectionAgeGraceMs: 30_000,
  connectionIdleMaxMs: 15 * 60_000,
  /** What a client waits for the answer of a unary call if it names no deadline. */
  unaryDeadlineMs: 10_000,
  /** What a client waits for the end of a server stream if it names no deadline. */
  streamDeadlineMs: 120_000,
  reconnectBackoffMinMs: 100,
  reconnectBackoffMaxMs: 2_000,
  /** What a caller is told to wait when the service is overloaded. */
  retryDelayMs: 1_000,
  /** How long the status of an interrupted answer waits behind what its reader does not take; then the answer is given up. */
  interruptGraceMs: 30_000,
  /** Field violations told in one answer. */
  violationsMax: 32,
} as const;

/** Metadata key of the correlation id, in requests, answers and trailers. */
export const CORRELATION_KEY = 'x-correlation-id';

/** Trailer that carries a google.rpc.Status. */
export const DETAILS_KEY = 'grpc-status-details-bin';

/** `domain` of every ErrorInfo. */
export const ERROR_DOMAIN = 'countersign';

/** Limits of following a log. */
export interface FollowLimits {
  /** What a server takes for the interval between heartbeats if it is told none. */
  readonly heartbeatMs: number;
  /** Added to two of them: a longer silence ends the call. */
  readonly silenceMs: number;
  readonly pauseMs: number;
  readonly pauseMaxMs: number;
  /** Failures in a row. */
  readonly attemptsMax: number;
  /** Of them, where the token was refused. */
  readonly refusalsMax: number;
}

export const FOLLOW_LIMITS: FollowLimits = {
  heartbeatMs: 10_000,
  silenceMs: 5_000,
  pauseMs: 100,
  pauseMaxMs: 10_000,
  attemptsMax: 60,
  refusalsMax: 4,
};
