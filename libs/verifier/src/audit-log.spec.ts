import { describe, expect, it } from '@jest/globals';
import { CompactRange, leafHash } from '@countersign/merkle';
import { auditLog, type LogAuditReport, type StoredRecord } from './audit-log.js';
import { buildFixture, ORIGIN } from './bundle.builders.js';
import { parseEntry } from '@countersign/record';

const { records } = buildFixture();

const honest: readonly StoredRecord[] = records.map(({ streamId, record }, position) => ({
  position,
  streamId,
  header: record.header,
  entry: record.entry,
  itemKey: parseEntry(record.entry).itemKey,
}));

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

function rootAt(size: number): Uint8Array {
  const range = CompactRange.empty();
  for (const { record } of records.slice(0, size)) range.append(leafHash(record.entry));
  return range.root();
}

function audit(stored: readonly StoredRecord[], head = { by: 'chain', size: 7, root: rootAt(7) }): Promise<LogAuditReport> {
  return auditLog({
    origin: ORIGIN,
    stored: each(stored),
    committed: each(records.map(({ record }) => record.entry)),
    heads: [head],
  });
}

function findings(report: LogAuditReport): [string, number | undefined][] {
  return report.findings.map(({ verdict, index }) => [verdict, index]);
}

describe('audit of a log', () => {
  it('holds when every record is the committed one', async () => {
    const report = await audit(honest);
    expect(report).toMatchObject({
      holds: true,
      committed: 7,
      sound: 7,
      pending: 0,
      heads: [{ by: 'chain', size: 7, holds: true }],
    });
  });

  it('names exactly the record of which one byte was changed, wherever it is', async () => {
    for (const [index, record] of honest.entries()) {
      const header = Buffer.from(record.header);
      header[index * 7] = header[index * 7]! ^ 1;
      const report = await audit(honest.with(index, { ...record, header }));
      expect(findings(report)).toEqual([['ALTERED', index]]);
      expect(report.sound).toBe(6);
    }
  });

  it('names a deleted record, also the last', async () => {
    expect(findings(await audit(honest.filter((_, index) => index !== 2)))).toEqual([['MISSING', 2]]);
    expect(findings(await audit(honest.slice(0, -1)))).toEqual([['MISSING', 6]]);
  });

  it('names two records that changed places', async () => {
    const [a, b] = [honest[1]!, honest[5]!];
    const swapped = honest.with(1, { ...b, position: 1 }).with(5, { ...a, position: 5 });
    expect(findings(await audit(swapped))).toEqual([
      ['REORDERED', 1],
      ['REORDERED', 5],
    ]);
  });

  it('names a record moved to another stream', async () => {
    const moved = honest.with(3, { ...honest[3]!, itemKey: honest[0]!.itemKey });
    expect(findings(await audit(moved))).toEqual([['ALTERED', 3]]);
  });

  it('names a record that was put between others, and goes on comparing', async () => {
    const inserted = honest.toSpliced(3, 0, { ...honest[6]!, position: 2 });
    const report = await audit(inserted);
    expect(findings(report)).toEqual([['INSERTED', 2]]);
    expect(report).toMatchObject({ sound: 7, pending: 0, holds: false });
    expect(findings(await audit([...honest, honest[6]!]))).toEqual([['INSERTED', 6]]);
  });

  it('does not call missing what was committed after the heads were read', async () => {
    const report = await audit(honest.slice(0, 6), { by: 'checkpoint', size: 6, root: rootAt(6) });
    expect(report).toMatchObject({ holds: true, committed: 6, sound: 6 });
  });

  it('tells a fork from a roll-back', async () => {
    expect(findings(await audit(honest, { by: 'chain', size: 6, root: rootAt(7) }))).toEqual([['FORKED', undefined]]);
    expect(findings(await audit(honest, { by: 'chain', size: 8, root: rootAt(7) }))).toEqual([['ROLLED_BACK', undefined]]);
  });

  it('counts what is stored and not in the tree yet', async () => {
    const report = await audit([...honest, { ...honest[6]!, position: 7 }]);
    expect(report).toMatchObject({ pending: 1, holds: true });
  });
});
