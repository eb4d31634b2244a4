import {
  create,
  fromBinary,
  toBinary,
  type DescFile,
  type DescMessage,
  type DescService,
  type Message,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { MethodDefinition, PackageDefinition } from '@grpc/proto-loader';

/**
 * Stands for a request that could not be decoded. grpc-js answers a throwing decoder with INTERNAL, so ours never throws: the call
 * reaches the edge with this in the place of its message and is refused there as MESSAGE_MALFORMED.
 */
export class Undecodable {
  constructor(readonly cause: unknown) {}
}

/** The bytes each decoded request came in; they die with their message. */
const received = new WeakMap<Message, Uint8Array>();

/**
 * Services as a package definition for grpc-js and Nest, with protobuf-es as the codec and the descriptors that reflection serves.
 * Request messages keep the bytes they came in, see `receivedBytes`.
 */
export function packageDefinitionOf(...services: readonly DescService[]): PackageDefinition {
  return Object.fromEntries(
    services.map((service) => {
      const files = fileDescriptorProtos(service.file);
      return [
        service.typeName,
        Object.fromEntries(service.methods.map((method) => [method.name, methodDefinition(method, files)])),
      ];
    }),
  );
}

/** The descriptors of services and all they import, in the form in which @grpc/reflection looks for them. */
export function reflectionDefinitionOf(...services: readonly DescService[]): PackageDefinition {
  const files = services.flatMap(({ file }) => fileDescriptorProtos(file));
  return {
    files: {
      format: 'Protocol Buffer 3 DescriptorProto',
      type: {},
      fileDescriptorProtos: files,
    } as unknown as PackageDefinition[string],
  };
}

/** The bytes a request was decoded from, exactly as received. Empty for a message that was not received. */
export function receivedBytes(request: Message): Uint8Array {
  return received.get(request) ?? new Uint8Array();
}

/** Encodes a message or its plain form. */
export function encode(schema: DescMessage, value: object): Buffer {
  const bytes = toBinary(schema, create(schema, value as MessageInitShape<DescMessage>));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function methodDefinition(method: DescService['methods'][number], files: Buffer[]): MethodDefinition<object, object> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    originalName: method.localName,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: (value) => encode(method.input, value),
    requestDeserialize: (bytes) => decodeRequest(method.input, bytes),
    responseSerialize: (value) => encode(method.output, value),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
    options: {} as MethodDefinition<object, object>['options'],
    requestType: typeDefinition(method.input, files),
    responseType: typeDefinition(method.output, files),
  };
}

/** A request as the door hands it on; `Undecodable` if the bytes are none. */
export function decodeRequest(schema: DescMessage, bytes: Buffer): object {
  try {
    const message = fromBinary(schema, bytes);
    received.set(message, bytes);
    return message;
  } catch (error) {
    return new Undecodable(error);
  }
}

function typeDefinition(desc: DescMessage, files: Buffer[]): MethodDefinition<object, object>['requestType'] {
  return {
    format: 'Protocol Buffer 3 DescriptorProto',
    type: desc.proto,
    fileDescriptorProtos: files,
    serialize: (value: object) => encode(desc, value),
    deserialize: (bytes: Buffer) => fromBinary(desc, bytes),
  } as unknown as MethodDefinition<object, object>['requestType'];
}

/** A file and everything it imports, each once. */
function fileDescriptorProtos(file: DescFile): Buffer[] {
  const seen = new Map<string, DescFile>();
  const visit = (current: DescFile): void => {
    if (seen.has(current.name)) return;
    seen.set(current.name, current);
    current.dependencies.forEach(visit);
  };
  visit(file);
  return [...seen.values()].map((each) => Buffer.from(toBinary(FileDescriptorProtoSchema, each.proto)));
}
