import type { Logger } from '@countersign/observability';

import { LIMITS } from './config.js';

/** Something the service cannot work without. */
export interface Dependency {
  readonly name: string;
  /** Rejects, or resolves to false, while it is not there. */
  probe(): Promise<unknown>;
}

/** What `/health/ready` and gRPC health tell. */
export class Readiness {
  private accepting = false;
  private readonly missing = new Set<string>();
  /** What the last look found; however many ask, the parts are asked once in a while only. */
  private looked: { readonly until: number; readonly parts: Promise<Readonly<Record<string, boolean>>> } | undefined;

  constructor(
    private readonly dependencies: readonly Dependency[],
    private readonly logger: Logger,
  ) {}

  /** True from the end of the start until the stop begins. */
  accept(accepting: boolean): void {
    this.accepting = accepting;
  }

  /** Each part by name: whether it is there. */
  async check(): Promise<{ readonly ready: boolean; readonly parts: Readonly<Record<string, boolean>> }> {
    const now = performance.now();
    if (this.looked === undefined || now >= this.looked.until)
      this.looked = { until: now + LIMITS.probeKeptMs, parts: this.look() };
    const parts = { accepting: this.accepting, ...(await this.looked.parts) };
    return { ready: Object.values(parts).every(Boolean), parts };
  }

  private async look(): Promise<Readonly<Record<string, boolean>>> {
    return Object.fromEntries(
      await Promise.all(this.dependencies.map(async (each) => [each.name, await this.isThere(each)] as const)),
    );
  }

  private async isThere({ name, probe }: Dependency): Promise<boolean> {
    const there = await Promise.race([probe().then((answer) => answer !== false), expired()]).catch(() => false);
    if (there) {
      if (this.missing.delete(name)) this.logger.info('dependency-back', { dependency: name });
    } else if (!this.missing.has(name)) {
      this.missing.add(name);
      this.logger.warn('dependency-missing', { dependency: name });
    }
    return there;
  }
}

function expired(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), LIMITS.probeMs).unref();
  });
}
