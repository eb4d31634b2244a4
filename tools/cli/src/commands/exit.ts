import { Unreadable } from '@countersign/verifier';

/** 0 = holds, 1 = does not hold, 2 = unreadable input or wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** Runs a command; what cannot be read or reached is one line on stderr and exit code 2, never a stack trace. */
export async function runCommand(command: () => Promise<ExitCode> | ExitCode): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`countersign: ${error instanceof Unreadable ? '' : 'could not finish: '}${message}\n`);
    process.exitCode = 2;
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
