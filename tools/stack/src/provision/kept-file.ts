import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const PRIVATE = 0o600;

/**
 * Reads a secret, or makes it on first use; only its owner may read the file.
 * An existing file is never overwritten: what was signed or encrypted under it would be lost.
 */
export function keptSecret(file: string, make: () => Uint8Array | string): Buffer {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, make(), { mode: PRIVATE, flag: 'wx' });
  }
  return readFileSync(file);
}

/** Writes something that others may read; rewritten on every start. */
export function writePublicFile(file: string, content: Uint8Array | string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** JSON as people read it. */
export function prettyJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
