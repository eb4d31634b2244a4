import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CLASSIFICATIONS } from './label.js';
import { HEADER_FIELDS } from './header-fields.js';
import { SYSTEM_EVENTS } from './system-events.js';
import type { ItemKeyVectors } from './vectors/key-vectors.js';
import type { NoteVectors } from './vectors/note-vectors.js';
import type { RecordVector } from './vectors/record-vectors.js';

/** `docs/record.md` shows what the vectors hold, and names everything the code has a rule about. */

const root = join(import.meta.dirname, '../../..');
const text = readFileSync(join(root, 'docs/record.md'), 'utf8');
const read = <T>(name: string): T => JSON.parse(readFileSync(join(root, `vectors/${name}.json`), 'utf8')) as T;

describe('docs/record.md', () => {
  const record = read<RecordVector[]>('records')[1]!;
  const disclosure = record.disclosures[0]!;
  const keys = read<ItemKeyVectors>('item-keys');
  const notes = read<NoteVectors>('notes');
  const item = keys.items.find(({ streamId }) => streamId === record.streamId)!;

  it.each([
    record.header,
    record.recordDigest,
    record.headerSalt,
    record.leafHash,
    record.itemKey,
    disclosure.salt,
    disclosure.encoded,
    Buffer.from(disclosure.encoded, 'base64url').toString(),
    disclosure.digest,
    disclosure.sd,
    disclosure.key,
    disclosure.keyId,
    disclosure.nonce,
    disclosure.envelope,
    keys.masterSecret,
    item.secret,
    String(item.bucket),
    notes.checkpoints.at(-1)!.note,
    notes.keys[0]!.verifierKey,
  ])('shows %s', (value) => {
    expect(text).toContain(value);
  });

  it('shows the entry and the associated data in parts', () => {
    const joined = (block: string): string => block.replaceAll(/ {2,}.*$/gm, '').replaceAll(/\s/g, '');
    const blocks = [...text.matchAll(/```text\n([\s\S]*?)```/g)].map(([, block]) => joined(block!));
    expect(blocks).toContain(record.entry + record.leafHash);
    expect(blocks).toContain(disclosure.associatedData);
    expect(record.disclosureList).toBe(`000000c3${disclosure.envelope}`);
  });

  it('names every header field, system type, classification and vector file', () => {
    for (const name of [...Object.keys(HEADER_FIELDS), 'data']) expect(text).toContain(`| \`${name}\` |`);
    for (const { type, fields } of SYSTEM_EVENTS)
      for (const name of [type, ...Object.keys(fields)]) expect(text).toContain(`\`${name}\``);
    for (const classification of CLASSIFICATIONS) expect(text).toContain(`\`${classification}\``);
  });
});
