import type { ServerWritableStream } from '@grpc/grpc-js';

/**
 * Writes messages one after the other, each only after the one before has left for the socket: a slow reader holds back the source
 * instead of filling memory. Ends early, and ends the source, when the reader is gone.
 * @param interrupted ends it too, whatever it waits for
 * @throws what the source throws, or the reason of the interruption
 */
export async function writeStream<Response>(
  stream: ServerWritableStream<object, Response>,
  messages: AsyncIterable<Response>,
  interrupted?: AbortSignal,
): Promise<void> {
  const source = messages[Symbol.asyncIterator]();
  const end = new StreamEnd(stream, interrupted);
  try {
    for (;;) {
      const step = await end.unlessFirst(source.next());
      if (step === ENDED || step.done === true) return;
      if ((await end.unlessFirst(write(stream, step.value))) === ENDED) return;
    }
  } finally {
    end.forget();
    // A source at work ends when it is done with that; if it fails then, there is nobody left to tell.
    source.return?.().catch(() => undefined);
  }
}

function write<Response>(stream: ServerWritableStream<object, Response>, message: Response): Promise<void> {
  return new Promise((resolve) => {
    stream.write(message, () => resolve());
  });
}

const ENDED = Symbol('ended');

/**
 * Waits for one thing at a time, or the end of the stream. `Promise.race` with a promise that lives as long as the stream would keep
 * every message that ever went through it.
 */
class StreamEnd {
  // Owned by one `writeStream`.
  private settle: (() => void) | undefined;
  private over = false;
  private readonly onEnd = (): void => {
    this.over = true;
    this.settle?.();
  };

  constructor(
    private readonly stream: ServerWritableStream<object, unknown>,
    private readonly interrupted: AbortSignal | undefined,
  ) {
    stream.once('cancelled', this.onEnd);
    stream.once('close', this.onEnd);
    interrupted?.addEventListener('abort', this.onEnd);
  }

  forget(): void {
    this.settle = undefined;
    this.interrupted?.removeEventListener('abort', this.onEnd);
  }

  unlessFirst<Value>(work: Promise<Value>): Promise<Value | typeof ENDED> {
    return new Promise((resolve, reject) => {
      this.settle = () => {
        if (this.interrupted?.aborted === true) reject(this.interrupted.reason as Error);
        else resolve(ENDED);
      };
      if (this.over || this.stream.cancelled || this.interrupted?.aborted === true) this.settle();
      work.then(resolve, reject);
    });
  }
}
