import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Metadata, ServerWritableStream } from '@grpc/grpc-js';
import { Observable } from 'rxjs';

import { receivedBytes } from './codec.js';
import { requireValid } from './request-rules.js';
import { callOf, type RpcCall } from './served-call.js';
import { writeStream } from './write-stream.js';

type UnaryHandler<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  call: RpcCall,
) => Promise<MessageInitShape<O>>;
type StreamHandler<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  call: RpcCall,
) => AsyncIterable<MessageInitShape<O>>;

/** What a controller of a service must implement: one method an rpc, named in lower camel case. */
export type GrpcHandlers<Service extends DescService> = {
  [Name in keyof Service['method']]: Service['method'][Name] extends {
    readonly methodKind: infer Kind;
    readonly input: infer I extends DescMessage;
    readonly output: infer O extends DescMessage;
  }
    ? Kind extends 'unary'
      ? UnaryHandler<I, O>
      : StreamHandler<I, O>
    : never;
};

/**
 * Makes a class the controller of one gRPC service. Every rpc of the service must have its method, or the class does not type-check
 * and the start fails. A method receives a request that obeys every rule of the contract, and the call; it returns the answer (unary)
 * or yields the messages (server stream, with flow control). What it throws is answered by `GrpcErrorFilter`.
 * @throws Error at import if an rpc has no method, or streams requests
 */
export function GrpcController<Service extends DescService>(
  service: Service,
): <Class extends abstract new (...parameters: never[]) => GrpcHandlers<Service>>(target: Class) => void {
  return (target) => {
    for (const method of service.methods) bindMethod(target.prototype as Record<string, unknown>, method);
    Controller()(target);
  };
}

function bindMethod(prototype: Record<string, unknown>, method: DescMethod): void {
  const handler = prototype[method.localName];
  if (typeof handler !== 'function')
    throw new Error(`${method.parent.typeName}: no method ${method.localName} for ${method.name}`);
  if (method.methodKind !== 'unary' && method.methodKind !== 'server_streaming')
    throw new Error(`${method.name}: streamed requests are not served`);
  const descriptor = {
    configurable: true,
    writable: true,
    value:
      method.methodKind === 'unary'
        ? answerUnary(method, handler as (request: object, call: RpcCall) => Promise<object>)
        : answerStream(method, handler as (request: object, call: RpcCall) => AsyncIterable<object>),
  };
  GrpcMethod(method.parent.typeName, method.name)(prototype, method.localName, descriptor);
  Object.defineProperty(prototype, method.localName, descriptor);
}

function answerUnary(method: DescMethod, handler: (request: object, call: RpcCall) => Promise<object>) {
  return async function (this: object, received: unknown, metadata: Metadata): Promise<object> {
    const request = requireValid(method.input, received);
    return handler.call(this, request, rpcCall(request, metadata));
  };
}

function answerStream(method: DescMethod, handler: (request: object, call: RpcCall) => AsyncIterable<object>) {
  return function (
    this: object,
    received: unknown,
    metadata: Metadata,
    stream: ServerWritableStream<object, object>,
  ): Observable<never> {
    const request = requireValid(method.input, received);
    const messages = handler.call(this, request, rpcCall(request, metadata));
    const { signal } = callOf(metadata).interrupted;
    // Nest would buffer whatever is emitted while the reader is slow; so nothing is emitted, and the messages are written here.
    return new Observable((subscriber) => {
      writeStream(stream, messages, signal).then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
    });
  };
}

function rpcCall(request: MessageShape<DescMessage>, metadata: Metadata): RpcCall {
  const call = callOf(metadata);
  return {
    get actor() {
      return call.actor;
    },
    tokenEndsAtMs: call.tokenEndsAtMs,
    correlationId: call.correlationId,
    request: receivedBytes(request),
    signal: call.gone.signal,
    interrupt: (error, graceMs) => call.interrupt(error, graceMs),
  };
}
