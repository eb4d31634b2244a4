import { DomainError, type Actor } from '@countersign/kernel';
import type { Metadata } from '@grpc/grpc-js';

/** What a handler knows about the call it answers. */
export interface RpcCall {
  /** Who calls, from the verified token. Reading it in an open method throws UNAUTHENTICATED. */
  readonly actor: Actor;
  readonly correlationId: string;
  /** The request exactly as received. */
  readonly request: Uint8Array;
  /** Aborted when the answer is no longer wanted: the caller gave up or the deadline passed. */
  readonly signal: AbortSignal;
}

/** State of one call, from its first byte to its status. Written by the edge only. */
export class ServedCall {
  readonly startedAt = performance.now();
  readonly gone = new AbortController();
  ended = false;
  private caller: Actor | undefined;

  constructor(
    readonly method: string,
    public correlationId: string,
  ) {}

  identify(actor: Actor): void {
    this.caller = actor;
  }

  get pseudonym(): string | undefined {
    return this.caller?.pseudonym;
  }

  get actor(): Actor {
    if (this.caller === undefined) throw new DomainError('UNAUTHENTICATED');
    return this.caller;
  }
}

/** The call a request's metadata object belongs to; grpc-js hands the same object to edge and handler. */
const calls = new WeakMap<Metadata, ServedCall>();

export function rememberCall(metadata: Metadata, call: ServedCall): void {
  calls.set(metadata, call);
}

/** @throws Error if the call did not pass the edge: the server was not built by `createGrpcDoor` */
export function callOf(metadata: Metadata): ServedCall {
  const call = calls.get(metadata);
  if (call === undefined) throw new Error('the call did not pass the edge');
  return call;
}
