import { KEY_ID_SIZE } from './verifier-key.js';

/** A signature line of a note, with its newline (C2SP signed-note, "Format"). */
export function formatSignatureLine(name: string, id: number, signature: Uint8Array): string {
  const idBytes = Buffer.alloc(KEY_ID_SIZE);
  idBytes.writeUInt32BE(id);
  return `— ${name} ${Buffer.concat([idBytes, signature]).toString('base64')}\n`;
}
