import { encodeEntry, parseEntry, recordDigest } from '@countersign/record';
import type pg from 'pg';

/** What was done to the store, and the records that each audit has to name for it: those and no others. */
export interface Tampering {
  readonly name: string;
  /** As superuser, triggers off. @param a position of a record in the middle of the item's stream @param b of the next one */
  apply(client: pg.Client, a: bigint, b: bigint): Promise<unknown>;
  /** By the audit of the whole log; A and B stand for the two records. */
  readonly log: readonly string[];
  /** By the audit of the item's dossier. */
  readonly dossier: readonly string[];
}

function sql(name: string, log: readonly string[], dossier: readonly string[], ...statements: readonly string[]): Tampering {
  return {
    name,
    log,
    dossier,
    apply: async (client, a, b) => {
      for (const statement of statements) await client.query(statement.replaceAll(':a', String(a)).replaceAll(':b', String(b)));
    },
  };
}

const swapped = (columns: readonly string[]): string => {
  const both = '(e.position = :a and o.position = :b) or (e.position = :b and o.position = :a)';
  return `update event_log.event e set ${columns.map((column) => `${column} = o.${column}`).join(', ')} from event_log.event o where ${both}`;
};
const flipped = (column: string, byte: number): string =>
  `update event_log.event set ${column} = set_byte(${column}, ${byte}, get_byte(${column}, ${byte}) # 1) where position = :a`;

const ONE = ['ALTERED A'];
const BOTH = ['ALTERED A', 'ALTERED B'];

export const TAMPERINGS: readonly Tampering[] = [
  sql('one record deleted', ['MISSING A'], ['MISSING A'], 'delete from event_log.event where position = :a'),
  sql(
    'two records deleted',
    ['MISSING A', 'MISSING B'],
    ['MISSING A', 'MISSING B'],
    'delete from event_log.event where position in (:a, :b)',
  ),
  sql('the headers of two records swapped', ['REORDERED A', 'REORDERED B'], BOTH, swapped(['header'])),
  sql(
    'two records swapped with all that is theirs',
    ['REORDERED A', 'REORDERED B'],
    BOTH,
    swapped(['header', 'entry', 'disclosures']),
  ),
  sql(
    'the order of two records swapped in their stream',
    [],
    ['REORDERED A', 'REORDERED B'],
    'update event_log.event set sequence = 99 where position = :a',
    'update event_log.event set sequence = sequence - 1 where position = :b',
    'update event_log.event set sequence = (select sequence + 1 from event_log.event where position = :b) where position = :a',
  ),
  sql(
    'one record put into another stream',
    ONE,
    ['MISSING A'],
    "update event_log.event set stream_id = 'asset/E2E', stream_no = position, sequence = 0 where position = :a",
  ),
  sql('a bit of a header', ONE, ONE, flipped('header', 200)),
  sql('a header replaced by what is none', ONE, ONE, "update event_log.event set header = '\\x7b7d' where position = :a"),
  sql('a bit of a stored entry', ONE, ONE, flipped('entry', 100)),
  {
    name: 'a header with its entry made to fit',
    log: ONE,
    dossier: ONE,
    apply: async (client, a) => {
      const { rows } = await client.query<{ header: Buffer; entry: Buffer }>(
        'select header, entry from event_log.event where position = $1',
        [a],
      );
      const header = Buffer.from(String(rows[0]?.header).replace('"time":"2026-', '"time":"2025-'));
      const entry = encodeEntry({ ...parseEntry(rows[0]?.entry ?? Buffer.alloc(0)), recordDigest: recordDigest(header) });
      await client.query('update event_log.event set header = $2, entry = $3 where position = $1', [a, header, entry]);
    },
  },
  // What is confidential is no part of the log's own audit: its digests are, and the dossier's reader opens it.
  sql('a bit of a ciphertext', [], ONE, flipped('disclosures', 120)),
  sql('the ciphertexts of two records swapped', [], BOTH, swapped(['disclosures'])),
  sql('a ciphertext removed', [], ONE, "update event_log.event set disclosures = '' where position = :a"),
];
