import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { googleRpc } from '@countersign/proto';
import { Client, credentials, Metadata, status as Code, type ServiceError } from '@grpc/grpc-js';

/** What came back over the wire, read without any code of ours but the google.rpc messages. */
export interface RawAnswer {
  /** E.g. `INVALID_ARGUMENT`; `OK` if the call succeeded. */
  readonly status: string;
  /** ErrorInfo.reason. */
  readonly code: string;
  /** First field that broke a rule; `(message)` if it is the message as a whole, `-` if none is named. */
  readonly field: string;
  readonly message: string;
  /** `x-correlation-id` of the trailers (of the headers, if the call succeeded). */
  readonly correlationId: string;
  /** ErrorInfo.metadata. */
  readonly facts: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const DEADLINE_MS = 10_000;

/** Sends bytes to a method, as any HTTP/2 client could: nothing is encoded, checked or added. */
export function rawCall(
  address: string,
  path: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const channel = new Client(address, credentials.createInsecure(), { 'grpc.max_send_message_length': -1 });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return new Promise<RawAnswer>((resolve) => {
    let correlationId = '';
    const call = channel.makeUnaryRequest(
      path,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      Buffer.from(body),
      metadata,
      { deadline: Date.now() + DEADLINE_MS },
      (error, response) => {
        channel.close();
        resolve(error === null ? accepted(response, correlationId) : refused(error));
      },
    );
    call.on('metadata', (received: Metadata) => {
      correlationId = String(received.get('x-correlation-id')[0] ?? '');
    });
  });
}

/** Whether the gRPC health service of an address answers SERVING. */
export async function isServing(address: string): Promise<boolean> {
  const { status, body } = await rawCall(address, '/grpc.health.v1.Health/Check', Buffer.alloc(0));
  // HealthCheckResponse: field 1, varint, 1 = SERVING.
  return status === 'OK' && body.equals(Buffer.from([0x08, 0x01]));
}

function accepted(body: Buffer | undefined, correlationId: string): RawAnswer {
  return { status: 'OK', code: '', field: '-', message: '', correlationId, facts: {}, body: body ?? Buffer.alloc(0) };
}

function refused(error: ServiceError): RawAnswer {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const details = bytes instanceof Uint8Array ? fromBinary(googleRpc.StatusSchema, bytes).details : [];
  const info = details.map((any) => anyUnpack(any, googleRpc.ErrorInfoSchema)).find((found) => found !== undefined);
  const request = details.map((any) => anyUnpack(any, googleRpc.BadRequestSchema)).find((found) => found !== undefined);
  const violation = request?.fieldViolations[0];
  return {
    status: Code[error.code],
    code: info?.reason ?? '',
    field: violation === undefined ? '-' : violation.field || '(message)',
    message: error.details,
    correlationId: String(error.metadata.get('x-correlation-id')[0] ?? ''),
    facts: { ...info?.metadata },
    body: Buffer.alloc(0),
  };
}
