import type { Server } from '@grpc/grpc-js';
import { status as Code } from '@grpc/grpc-js';

interface Handler {
  readonly type: 'bidi';
  readonly path: string;
  readonly func: (call: { emit(event: 'error', error: object): boolean }) => void;
  readonly serialize: () => Buffer;
  readonly deserialize: () => object;
}

/**
 * Lets calls of unknown methods pass the edge like any other, so that their answer carries a correlation id and a reason. grpc-js has
 * no public hook for this (it answers before any interceptor runs), hence the look into a private member of the pinned version.
 * @throws Error if the member is gone
 */
export function answerUnknownMethods(server: Server): void {
  const hook = server as unknown as { _retrieveHandler?: (path: string) => Handler | null };
  const retrieve = hook._retrieveHandler;
  if (typeof retrieve !== 'function') throw new Error('grpc-js no longer looks handlers up with _retrieveHandler');
  hook._retrieveHandler = (path) => retrieve.call(server, path) ?? unknownMethod(path);
}

function unknownMethod(path: string): Handler {
  return {
    type: 'bidi',
    path,
    func: (call) => call.emit('error', { code: Code.UNIMPLEMENTED, details: 'unknown method' }),
    serialize: () => Buffer.alloc(0),
    deserialize: () => ({}),
  };
}
