import type { MetricsDoor } from '@countersign/observability';
import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { EventLog, Projections, UnitKeyStore } from '@countersign/event-log';
import { DataSource } from 'typeorm';

import { EvidenceController } from './evidence.controller.js';
import { Readiness } from './health.js';
import { HttpDoorsController, METRICS_DOOR } from './http-doors.controller.js';
import { ProjectionController } from './projection.controller.js';
import type { ServiceParts } from './service-definition.js';
import { Subscriptions } from './subscriptions.js';
import * as tokens from './tokens.js';

export interface HostProviders extends ServiceParts {
  readonly log: EventLog | undefined;
  /** Those to the log; undefined for a service without one. */
  readonly subscriptions: Subscriptions | undefined;
  /** Undefined for a service without read models. */
  readonly projections: Projections | undefined;
  readonly unitKeys: UnitKeyStore;
  readonly readiness: Readiness;
  readonly metrics: MetricsDoor;
}

/** Makes what the host opened injectable everywhere in a service, and adds the doors every service has. */
@Global()
@Module({})
export class HostModule {
  static of(parts: HostProviders): DynamicModule {
    const { log, subscriptions, projections } = parts;
    const shared: Provider[] = [
      { provide: DataSource, useValue: parts.dataSource },
      { provide: tokens.EVENT_BUS, useValue: parts.bus },
      { provide: tokens.KEYSTORE, useValue: parts.keystore },
      { provide: tokens.LOGGER, useValue: parts.logger },
      { provide: tokens.SERVICE_CONFIG, useValue: parts.config },
      { provide: tokens.TOKEN_SOURCE, useValue: parts.tokenSource },
      { provide: tokens.SERVICE_ACTOR, useValue: parts.actor },
      { provide: tokens.UNIT_KEYS, useValue: parts.unitKeys },
      ...(log === undefined ? [] : logProviders(log)),
      ...(projections === undefined ? [] : [{ provide: tokens.PROJECTIONS, useValue: projections }]),
    ];
    return {
      module: HostModule,
      controllers: [
        HttpDoorsController,
        ...(log === undefined ? [] : [EvidenceController]),
        ...(projections === undefined ? [] : [ProjectionController]),
      ],
      providers: [
        ...shared,
        { provide: Readiness, useValue: parts.readiness },
        { provide: METRICS_DOOR, useValue: parts.metrics },
        ...(subscriptions === undefined ? [] : [{ provide: Subscriptions, useValue: subscriptions }]),
      ],
      exports: shared,
    };
  }
}

function logProviders(log: EventLog): Provider[] {
  return [
    { provide: tokens.JOURNAL, useValue: log.journal },
    { provide: tokens.LOG_READER, useValue: log },
    { provide: tokens.LOG_IDENTITY, useValue: log.identity },
  ];
}
