import type { ServerWritableStream } from '@grpc/grpc-js';

/**
 * Writes messages one after the other, each only after the one before has left for the socket: a slow reader holds back the source
 * instead of filling memory. Ends early, and ends the source, when the reader is gone.
 */
export async function writeStream<Response>(
  stream: ServerWritableStream<object, Response>,
  messages: AsyncIterable<Response>,
): Promise<void> {
  const gone = new Promise<'gone'>((resolve) => {
    stream.once('cancelled', () => resolve('gone'));
    stream.once('close', () => resolve('gone'));
  });
  for await (const message of messages) {
    if (stream.cancelled) return;
    const written = new Promise<void>((resolve) => {
      stream.write(message, () => resolve());
    });
    if ((await Promise.race([written, gone])) === 'gone') return;
  }
}
