import type { Logger } from '@countersign/observability';
import type { LoggerService } from '@nestjs/common';

/** Nest's own messages: only what is wrong, and as a fact of our log. Its start-up chatter is left out. */
export function frameworkLogger(logger: Logger): LoggerService {
  const facts = (
    message: unknown,
    more: readonly unknown[],
  ): { readonly reason?: string; readonly name?: string; readonly error?: unknown } => ({
    ...(message instanceof Error ? { error: message } : { reason: typeof message === 'string' ? message : 'not a text' }),
    ...(typeof more.at(-1) === 'string' ? { name: more.at(-1) as string } : {}),
  });
  return {
    log: () => undefined,
    debug: () => undefined,
    verbose: () => undefined,
    warn: (message: unknown, ...more: readonly unknown[]) => logger.warn('framework', facts(message, more)),
    error: (message: unknown, ...more: readonly unknown[]) => logger.error('framework', facts(message, more)),
    fatal: (message: unknown, ...more: readonly unknown[]) => logger.error('framework', facts(message, more)),
  };
}
