import type { DescMethod, DescService } from '@bufbuild/protobuf';
import type { TokenSource } from '@countersign/access';
import type { EventLog, ProjectionDefinition, UnitKeyStore } from '@countersign/event-log';
import type { EventBus, RelaySinkOptions } from '@countersign/kafka';
import type { Logger } from '@countersign/observability';
import type { INestApplicationContext, Type } from '@nestjs/common';
import type { DataSource, EntitySchema } from 'typeorm';

import type { Keystore } from './keystore.js';
import type { ServiceActor } from './service-actor.js';
import type { ServiceConfig } from './service-config.js';
import type { SubscribeEvents } from './subscribe-facts.js';

/** What a service opens before its Nest application exists. */
export interface ServiceParts {
  readonly config: ServiceConfig;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly keystore: Keystore;
  readonly dataSource: DataSource;
  readonly bus: EventBus;
  /** Tokens of the service's own principal, for calls to other services. */
  readonly tokenSource: TokenSource;
  readonly actor: ServiceActor;
}

/** What a service's own start code works with. */
export interface ServiceContext extends ServiceParts {
  readonly app: INestApplicationContext;
  /** Undefined for a service without a log. */
  readonly log: EventLog | undefined;
  readonly subscribeEvents: SubscribeEvents;
  /** Runs when the service stops, after the doors are closed and before the relay ends; last added, first run. */
  onStop(name: string, close: () => unknown): void;
}

/** The log of a service. */
export interface LogDefinition {
  /** Canonical label of its records. Default `UNCLASSIFIED`. */
  readonly label?: string;
  /** Version of the policy that allows its commands. Default `1`. */
  readonly policy?: string;
  /** What the service maps to `out.*` topics; see `kafkaRelaySink`. */
  readonly outMapper?: (log: EventLog) => NonNullable<RelaySinkOptions['outMapper']>;
  /**
   * Where its unit keys come from. Default: identity's KeyService over gRPC. The returned store is what `UNIT_KEYS` injects; it is closed
   * with the service if it has a `close` method.
   */
  readonly unitKeys?: (parts: ServiceParts) => Promise<UnitKeyStore & { close?(): Promise<void> }>;
}

/** One service, as `bootService` runs it. */
export interface ServiceDefinition {
  /** `identity`, `inventory`, `procurement` or `anchoring`; its principal is `service-<name>`. */
  readonly name: string;
  /** The composition root: controllers, handlers, providers. */
  readonly module: Type;
  /** The gRPC services its controllers implement. The evidence door and the one of read models are added by the host. */
  readonly grpcServices: readonly DescService[];
  /** Methods that need no token. */
  readonly openMethods?: readonly DescMethod[];
  /** Read models made of its own log. The host keeps them up, and adds the door at which they are rebuilt and compared. */
  readonly projections?: readonly ProjectionDefinition[];
  /** TypeORM entities of what else it stores; those of `projections` are known. */
  readonly entities?: readonly (Type | EntitySchema)[];
  /** Absent for a service without a log of its own. */
  readonly log?: LogDefinition;
  /** Starts what is the service's own: subscriptions, consumers, projections. Runs when the doors are open. */
  readonly start?: (context: ServiceContext) => Promise<void>;
}
