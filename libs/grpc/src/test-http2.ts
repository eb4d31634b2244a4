import http2 from 'node:http2';
import { createServer, type AddressInfo } from 'node:net';

/** One gRPC message in its frame. */
export function frame(message: Buffer, compressed = false): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed ? 1 : 0, 0);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** One raw HTTP/2 request; headers, trailers and the first message (hex) of the answer in one object. */
export function post(
  address: string,
  path: string,
  body: Buffer,
  headers: Record<string, string>,
): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`http://${address}`);
    const request = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: 'Bearer good',
      'x-correlation-id': 'raw-call-2',
      ...headers,
    });
    const answer: Record<string, string> = {};
    const chunks: Buffer[] = [];
    request.on('response', (received) =>
      Object.assign(answer, received, { 'initial-correlation-id': received['x-correlation-id'] }),
    );
    request.on('trailers', (received) => Object.assign(answer, received));
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', reject);
    request.on('close', () => {
      session.close();
      resolve({ ...answer, body: Buffer.concat(chunks).subarray(5).toString('hex') });
    });
    request.end(body);
  });
}

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
