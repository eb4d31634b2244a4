import type { DescMethod, DescService } from '@bufbuild/protobuf';
import type { Logger } from '@countersign/observability';
import { ServerCredentials, type ChannelOptions, type Server, type ServerInterceptor, type ServerOptions } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { Transport, type GrpcOptions } from '@nestjs/microservices';
import { HealthImplementation } from 'grpc-health-check';

import type { Authenticate } from './admission.js';
import { packageDefinitionOf, reflectionDefinitionOf } from './codec.js';
import { LIMITS } from './config.js';
import { edgeInterceptor } from './edge.js';
import { compileRules } from './request-rules.js';
import { answerUnknownMethods } from './unknown-methods.js';

export interface GrpcDoorOptions {
  /** `host:port` to listen on. */
  readonly address: string;
  readonly services: readonly DescService[];
  readonly authenticate: Authenticate;
  /** The methods that need no token. */
  readonly openMethods?: readonly DescMethod[];
  readonly logger: Logger;
  /** Serve grpc.reflection (v1 and v1alpha). Default true. */
  readonly reflection?: boolean;
}

/** The gRPC door of a service. */
export interface GrpcDoor {
  /** For `app.connectMicroservice(options, { inheritAppConfig: true })`; the app needs `GrpcErrorFilter` as global filter. */
  readonly options: GrpcOptions;
  /** Health of the whole server and of each service; NOT_SERVING from the start. */
  setServing(serving: boolean): void;
  /** Takes no more calls, lets open ones end within the limit, then ends what is left. */
  drain(limitMs: number): Promise<void>;
}

/**
 * Builds the door: codec, limits, edge, health and reflection.
 * @throws Error if a rule of a contract does not compile
 */
export function createGrpcDoor({
  address,
  services,
  authenticate,
  openMethods = [],
  logger,
  reflection = true,
}: GrpcDoorOptions): GrpcDoor {
  services.flatMap(({ methods }) => methods).forEach(({ input }) => compileRules(input));
  const packageDefinition = packageDefinitionOf(...services);
  const names = ['', ...services.map(({ typeName }) => typeName)];
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, 'NOT_SERVING'])));
  let server: Server | undefined;
  return {
    options: {
      transport: Transport.GRPC,
      options: {
        url: address,
        package: [...new Set(services.map(({ file }) => file.proto.package))],
        packageDefinition,
        credentials: ServerCredentials.createInsecure(),
        gracefulShutdown: true,
        maxReceiveMessageLength: LIMITS.messageBytesMax,
        maxSendMessageLength: LIMITS.messageBytesMax,
        channelOptions: serverOptions(edgeInterceptor({ services, authenticate, openMethods, logger })),
        onLoadPackageDefinition: (_definition: object, created: Server) => {
          server = created;
          answerUnknownMethods(created);
          health.addToServer(created);
          if (reflection) new ReflectionService(reflectionDefinitionOf(...services)).addToServer(created);
        },
      },
    },
    setServing: (serving) => names.forEach((name) => health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING')),
    drain: async (limitMs) => {
      if (server !== undefined) await drainServer(server, limitMs);
    },
  };
}

async function drainServer(server: Server, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  const drained = new Promise<void>((resolve) => {
    server.tryShutdown(() => resolve());
  });
  await Promise.race([drained, expired]);
  clearTimeout(timer);
  server.forceShutdown();
}

function serverOptions(edge: ServerInterceptor): ChannelOptions {
  const options: ServerOptions = {
    interceptors: [edge],
    'grpc.max_concurrent_streams': LIMITS.streamsPerConnectionMax,
    'grpc.keepalive_time_ms': LIMITS.keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': LIMITS.keepaliveTimeoutMs,
    'grpc.max_connection_age_ms': LIMITS.connectionAgeMaxMs,
    'grpc.max_connection_age_grace_ms': LIMITS.connectionAgeGraceMs,
    'grpc.max_connection_idle_ms': LIMITS.connectionIdleMaxMs,
    // Stays on: without it forceShutdown of grpc-js 1.14 ends no session.
    'grpc.enable_channelz': 1,
  };
  return options;
}
