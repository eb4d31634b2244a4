import type { Logger } from '@countersign/observability';

/** What has to be closed when a service stops, or when its start fails half-way: last opened, first closed. */
export class Closers {
  private readonly steps: { readonly name: string; readonly close: () => unknown }[] = [];
  private closing: Promise<void> | undefined;

  constructor(private readonly logger: Logger) {}

  add(name: string, close: () => unknown): void {
    this.steps.push({ name, close });
  }

  /** Idempotent. A step that fails is logged and does not keep the others from closing. */
  closeAll(): Promise<void> {
    this.closing ??= this.run();
    return this.closing;
  }

  private async run(): Promise<void> {
    for (const { name, close } of this.steps.toReversed()) {
      try {
        await close();
      } catch (error) {
        this.logger.error('close-failed', { step: name, error });
      }
    }
  }
}
