import { blankSecrets } from './log-fields.js';

const CAUSE_DEPTH_MAX = 5;
const MESSAGE_LENGTH_MAX = 1_000;
const STACK_LENGTH_MAX = 4_000;

/** What the log says about an error. Drivers hang row values on their errors (`detail`, `parameters`); none of that is copied. */
export interface ErrorFacts {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorFacts;
}

export function errorFacts(error: unknown, depth = 0): ErrorFacts {
  if (!(error instanceof Error)) return { name: typeof error, message: 'not an Error' };
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: blankSecrets(error.message).slice(0, MESSAGE_LENGTH_MAX),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code).slice(0, 64) } : {}),
    ...(error.stack === undefined ? {} : { stack: framesOf(error) }),
    ...(error.cause === undefined || depth === CAUSE_DEPTH_MAX ? {} : { cause: errorFacts(error.cause, depth + 1) }),
  };
}

/** The frames only: a stack begins with the message, which stands on its own already. */
function framesOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames
    .map((line) => line.trim())
    .join(' | ')
    .slice(0, STACK_LENGTH_MAX);
}
