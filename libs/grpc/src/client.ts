import {
  fromBinary,
  type DescMessage,
  type DescMethod,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { currentCorrelationId, newCorrelationId } from '@countersign/observability';
import { Client as Channel, Metadata, credentials, status as Code, type ServiceError } from '@grpc/grpc-js';

import { CallError, callErrorOf } from './call-error.js';
import { encode } from './codec.js';
import { CORRELATION_KEY, LIMITS } from './config.js';

/** Where a client gets its access token from; see `TokenSource` of @countersign/access. */
export interface AccessTokens {
  /** A token that is valid for some time yet. */
  token(): Promise<string>;
  /** Drops the cached token, after a server refused it. */
  forget(): void;
}

export interface ClientOptions {
  /** Absent for methods that need no token. */
  readonly tokenSource?: AccessTokens;
  /** Default deadline of unary calls, in ms. */
  readonly deadlineMs?: number;
}

export interface CallOptions {
  readonly deadlineMs?: number;
  /** Default: the id of the work that is running, else a new one. */
  readonly correlationId?: string;
  readonly signal?: AbortSignal;
  /** A call fails at once while the server cannot be reached, unless this is set: then it waits up to its deadline. */
  readonly waitForReady?: boolean;
}

/**
 * A typed client of one service: a promise for each unary rpc, an async iterable for each server stream. Names are in lower camel case.
 * Calls reject with `CallError`.
 */
export type Client<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: Service['method'][Name] extends {
    readonly methodKind: infer Kind;
    readonly input: infer I extends DescMessage;
    readonly output: infer O extends DescMessage;
  }
    ? Kind extends 'unary'
      ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
      : Kind extends 'server_streaming'
        ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncIterable<MessageShape<O>>
        : never
    : never;
} & { close(): void };

/** @param address `host:port` */
export function createClient<Service extends DescService>(
  service: Service,
  address: string,
  options: ClientOptions = {},
): Client<Service> {
  const channel = new Channel(address, credentials.createInsecure(), CHANNEL_OPTIONS);
  const methods = service.methods.map((method) => [method.localName, callable(channel, method, options)] as const);
  return Object.fromEntries([...methods, ['close', () => channel.close()]]) as unknown as Client<Service>;
}

const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': LIMITS.messageBytesMax,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': LIMITS.keepaliveTimeMs,
  'grpc.keepalive_timeout_ms': LIMITS.keepaliveTimeoutMs,
  'grpc.initial_reconnect_backoff_ms': LIMITS.reconnectBackoffMinMs,
  'grpc.max_reconnect_backoff_ms': LIMITS.reconnectBackoffMaxMs,
  // A proxy of the environment is for the outside world; services are reached directly.
  'grpc.enable_http_proxy': 0,
  'grpc.enable_channelz': 0,
};

type Callable = (request: object, options?: CallOptions) => Promise<object> | AsyncIterable<object>;

function callable(channel: Channel, method: DescMethod, { tokenSource, deadlineMs }: ClientOptions): Callable {
  const path = `/${method.parent.typeName}/${method.name}`;
  switch (method.methodKind) {
    case 'unary':
      return async (request, options = {}) => {
        const attempt = async (): Promise<object> =>
          unary(channel, method, path, request, await metadataOf(tokenSource, options), { deadlineMs, ...options });
        try {
          return await attempt();
        } catch (error) {
          // Nothing was done for an unauthenticated caller, so one more try with a fresh token is safe: keys may have been rotated.
          if (tokenSource === undefined || !(error instanceof CallError) || error.status !== Code.UNAUTHENTICATED) throw error;
          tokenSource.forget();
          return attempt();
        }
      };
    case 'server_streaming':
      return (request, options = {}) => streamed(channel, method, path, request, tokenSource, options);
    default:
      return () => Promise.reject(new Error(`${path}: streamed requests are not supported`));
  }
}

function unary(
  channel: Channel,
  method: DescMethod,
  path: string,
  request: object,
  metadata: Metadata,
  options: CallOptions,
): Promise<object> {
  return new Promise((resolve, reject) => {
    options.signal?.throwIfAborted();
    const call = channel.makeUnaryRequest(
      path,
      (value: object) => encode(method.input, value),
      (bytes: Buffer) => fromBinary(method.output, bytes),
      request,
      metadata,
      { deadline: Date.now() + (options.deadlineMs ?? LIMITS.unaryDeadlineMs) },
      (error: ServiceError | null, response?: object) => {
        options.signal?.removeEventListener('abort', cancel);
        if (error !== null) reject(callErrorOf(path, error, String(metadata.get(CORRELATION_KEY)[0])));
        else if (response !== undefined) resolve(response);
      },
    );
    const cancel = (): void => call.cancel();
    options.signal?.addEventListener('abort', cancel, { once: true });
  });
}

async function* streamed(
  channel: Channel,
  method: DescMethod,
  path: string,
  request: object,
  tokenSource: AccessTokens | undefined,
  options: CallOptions,
): AsyncGenerator<object> {
  const metadata = await metadataOf(tokenSource, options);
  options.signal?.throwIfAborted();
  const call = channel.makeServerStreamRequest(
    path,
    (value: object) => encode(method.input, value),
    (bytes: Buffer) => fromBinary(method.output, bytes),
    request,
    metadata,
    { deadline: Date.now() + (options.deadlineMs ?? LIMITS.streamDeadlineMs) },
  );
  const cancel = (): void => call.cancel();
  options.signal?.addEventListener('abort', cancel, { once: true });
  try {
    for await (const message of call) yield message as object;
  } catch (error) {
    if (!isServiceError(error)) throw error;
    // A stream that lasted ends with its token; the next call gets a fresh one.
    if (error.code === Code.UNAUTHENTICATED) tokenSource?.forget();
    throw callErrorOf(path, error, String(metadata.get(CORRELATION_KEY)[0]));
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    call.cancel();
  }
}

async function metadataOf(tokenSource: AccessTokens | undefined, options: CallOptions): Promise<Metadata> {
  const metadata = new Metadata({ waitForReady: options.waitForReady ?? false });
  metadata.set(CORRELATION_KEY, options.correlationId ?? currentCorrelationId() ?? newCorrelationId());
  if (tokenSource !== undefined) metadata.set('authorization', `Bearer ${await tokenSource.token()}`);
  return metadata;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}
