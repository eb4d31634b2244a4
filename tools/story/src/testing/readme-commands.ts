import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY_ROOT } from '@countersign/stack';

/** The lines of a document's fenced `sh` blocks, without comments; a line that ends in a backslash goes on in the next. */
export function shellLines(markdown: string): readonly string[] {
  const blocks = [...markdown.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block ?? '');
  return blocks
    .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

export function readDocument(...segments: readonly string[]): string {
  return readFileSync(path.join(REPOSITORY_ROOT, ...segments), 'utf8');
}

/** Arguments of every `npx countersign …` that the README tells a newcomer to type, in order. */
export function countersignCommands(): readonly (readonly string[])[] {
  return shellLines(readDocument('README.md'))
    .filter((line) => line.startsWith('npx countersign '))
    .map((line) => line.split(/\s+/).slice(2));
}
