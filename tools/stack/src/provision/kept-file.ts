import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const PRIVATE = 0o600;

/**
 * Reads a secret, or makes it on first use; only its owner may read the file.
 * An existing file is never overwritten: what was signed or encrypted under it would be lost.
 */
export function keptSecret(file: string, make: () => Uint8Array | string): Buffer {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeWhole(file, make());
  }
  return readFileSync(file);
}

/** Under its name stands either all of it or nothing, also after a kill in between; never over what stands there. */
function writeWhole(file: string, content: Uint8Array | string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: PRIVATE, flush: true });
  linkSync(draft, file);
  rmSync(draft);
}

/** Writes settings beside secrets: for the owner only, rewritten on every start. */
export function writePrivateFile(file: string, content: Uint8Array | string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, content, { mode: PRIVATE });
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
