import { DomainError, type Actor } from '@countersign/kernel';
import type { Metadata } from '@grpc/grpc-js';

import { LIMITS } from './config.js';

/** Who calls, and until when his token says so (milliseconds since 1970; absent: for ever). */
export type Caller = Actor & { readonly tokenEndsAtMs?: number };

/** What a handler knows about the call it answers. */
export interface RpcCall {
  /** Who calls, from the verified token. Reading it in an open method throws UNAUTHENTICATED. */
  readonly actor: Actor;
  /** Milliseconds since 1970; infinite where there is no token. An answer that lasts MUST end then: nobody checks the token again. */
  readonly tokenEndsAtMs: number;
  readonly correlationId: string;
  /** The request exactly as received. */
  readonly request: Uint8Array;
  /** Aborted when the answer is no longer wanted or has ended: the caller gave up, the deadline passed, the status was sent. */
  readonly signal: AbortSignal;
  /**
   * Ends a server stream with this error now, whatever its source is doing. A reader that takes nothing gets the status behind what
   * waits for him; after a grace (default 30 s) the call is given up and its memory is free. Does nothing to a unary call.
   */
  readonly interrupt: (error: DomainError, graceMs?: number) => void;
}

/** State of one call, from its first byte to its status. Written by the edge only. */
export class ServedCall {
  readonly startedAt = performance.now();
  readonly gone = new AbortController();
  /** Aborted with the error that `interrupt` was given. */
  readonly interrupted = new AbortController();
  ended = false;
  /** Gives the call up without a status. */
  reset: () => void = () => undefined;
  private caller: Actor | undefined;
  private endsAtMs = Infinity;

  constructor(
    readonly method: string,
    public correlationId: string,
  ) {}

  identify({ tokenEndsAtMs = Infinity, ...actor }: Caller): void {
    this.caller = actor;
    this.endsAtMs = tokenEndsAtMs;
  }

  get pseudonym(): string | undefined {
    return this.caller?.pseudonym;
  }

  get actor(): Actor {
    if (this.caller === undefined) throw new DomainError('UNAUTHENTICATED');
    return this.caller;
  }

  get tokenEndsAtMs(): number {
    return this.endsAtMs;
  }

  interrupt(error: DomainError, graceMs: number = LIMITS.interruptGraceMs): void {
    if (this.interrupted.signal.aborted) return;
    this.interrupted.abort(error);
    const timer = setTimeout(() => this.reset(), graceMs).unref();
    this.gone.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
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
