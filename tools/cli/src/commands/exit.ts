import { Unreadable } from '@countersign/verifier';
import { plain } from '../terminal.js';

/** 0 = holds, 1 = does not hold, 2 = unreadable input or wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** Runs a command; what cannot be read or reached is one line on stderr and exit code 2, never a stack trace. */
export async function runCommand(command: () => Promise<ExitCode> | ExitCode): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    process.stderr.write(describeFailure(error));
    process.exitCode = 2;
  }
}

/** One line, whatever a service or a file put into the message. */
function describeFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `countersign: ${error instanceof Unreadable ? '' : 'could not finish: '}${plain(message)}\n`;
}

/** Exit code 1 means that evidence does not hold and nothing else; node's own code for what nobody caught is 1 too. */
export function keepExitCodes(): void {
  process.on('uncaughtException', (error) => {
    process.stderr.write(describeFailure(error));
    process.exit(2);
  });
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever reads only the first lines has closed the pipe: the verdict stands.
      if (error.code !== 'EPIPE') process.exit(2);
    });
  }
}

/** JSON for machines: 64-bit integers as decimal strings, bytes as base64. */
export function printJson(value: unknown): void {
  const text = JSON.stringify(
    value,
    (_key, member: unknown) => {
      if (typeof member === 'bigint') return member.toString();
      if (member instanceof Uint8Array) return Buffer.from(member).toString('base64');
      return member;
    },
    2,
  );
  process.stdout.write(`${text}\n`);
}
