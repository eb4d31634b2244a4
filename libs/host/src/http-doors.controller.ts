import type { MetricsDoor } from '@countersign/observability';
import { Controller, Get, Header, HttpException, Inject } from '@nestjs/common';

import { Readiness } from './health.js';

/** Injection token of the metrics door. */
export const METRICS_DOOR = Symbol('MetricsDoor');

/** Health and metrics, on the loopback address only. */
@Controller()
export class HttpDoorsController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(METRICS_DOOR) private readonly metrics: MetricsDoor,
  ) {}

  /** The process runs; nothing else is asked, so that an outage elsewhere restarts nobody. */
  @Get('health/live')
  live(): { readonly status: 'live' } {
    return { status: 'live' };
  }

  @Get('health/ready')
  async ready(): Promise<{ readonly status: 'ready'; readonly parts: Readonly<Record<string, boolean>> }> {
    const { ready, parts } = await this.readiness.check();
    if (!ready) throw new HttpException({ status: 'not-ready', parts }, 503);
    return { status: 'ready', parts };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  expose(): Promise<string> {
    return this.metrics.expose();
  }
}
