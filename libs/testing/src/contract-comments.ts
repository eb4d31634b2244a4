import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROTO = join(import.meta.dirname, '../../../proto');

/**
 * What the contract says about an rpc: the comment of its service, then its own, as one line of text.
 * @param file path below `proto/` without extension, as descriptors name it
 */
export function contractComment(file: string, service: string, rpc: string): string {
  const lines = readFileSync(join(PROTO, `${file}.proto`), 'utf8').split('\n');
  const ofService = lines.findIndex((line) => line.startsWith(`service ${service} {`));
  const ofRpc = lines.findIndex((line, index) => index > ofService && line.trimStart().startsWith(`rpc ${rpc}(`));
  if (ofService < 0 || ofRpc < 0) throw new Error(`no rpc ${service}.${rpc} in ${file}`);
  return `${commentAbove(lines, ofService)} ${commentAbove(lines, ofRpc)}`;
}

function commentAbove(lines: readonly string[], at: number): string {
  let first = at;
  while (/^\s*\/\//.test(lines[first - 1] ?? '')) first -= 1;
  return lines
    .slice(first, at)
    .map((line) => line.replace(/^\s*\/\/\s?/, '').trim())
    .join(' ');
}
