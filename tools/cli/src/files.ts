import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { Unreadable } from '@countersign/verifier';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Reads a file, but never more than a byte beyond the limit: whoever refuses the size need not hold a device that never ends.
 *
 * @param what how the message names the file
 * @throws Unreadable if it cannot be read
 */
export function readUpTo(file: string, bytesMax: number, what: string): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    return readDescriptor(descriptor, bytesMax + 1);
  } catch (error) {
    throw new Unreadable(`cannot read ${what} ${file}`, { cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Writes a file that only its owner may read: a bundle holds opened disclosures. Follows no symbolic link.
 *
 * @throws Unreadable if it cannot be written, or is a link or no regular file
 */
export function writePrivately(file: string, content: Uint8Array): void {
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK a pipe that nobody reads would hold the process up.
    const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
    descriptor = openSync(file, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    if (!fstatSync(descriptor).isFile()) throw new Error('is no regular file');
    fchmodSync(descriptor, 0o600); // The file may have been there before.
    ftruncateSync(descriptor);
    for (let at = 0; at < content.length;) at += writeSync(descriptor, content, at);
  } catch (error) {
    throw new Unreadable(`cannot write ${file}: it must be a new file or a regular one, and no link`, { cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function readDescriptor(descriptor: number, bytesMax: number): Buffer {
  const chunks: Buffer[] = [];
  for (let rest = bytesMax; rest > 0;) {
    const chunk = Buffer.alloc(Math.min(rest, CHUNK_BYTES));
    const length = readSync(descriptor, chunk);
    if (length === 0) break;
    chunks.push(chunk.subarray(0, length));
    rest -= length;
  }
  return Buffer.concat(chunks);
}
