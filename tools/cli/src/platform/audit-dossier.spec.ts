import { describe, expect, it } from '@jest/globals';
import { auditDossier, type DossierAudit } from './audit-dossier.js';
import { dossierOf, forgedLeaf, leavesOf, platformOf, TRUST, type Leaf } from './platform.builders.js';

const honest = leavesOf(3);

function audit(committed: readonly Leaf[], stored = committed): Promise<DossierAudit> {
  return auditDossier(platformOf(committed), dossierOf(stored), TRUST);
}

function verdicts({ events }: DossierAudit): string[] {
  return events.map(({ verdict }) => verdict);
}

describe('the audit of a dossier', () => {
  it('holds if every stored record is the committed one', async () => {
    const report = await audit(honest);
    expect(report.holds).toBe(true);
    expect(verdicts(report)).toEqual(['OK', 'OK', 'OK']);
  });

  it('does not hold for a stream of which no record is stored', async () => {
    const { streams, ...dossier } = dossierOf(honest);
    const emptied = { ...dossier, streams: [...streams, { ...streams[0]!, streamId: 'asset/U2', records: [] }] };
    const report = await auditDossier(platformOf(honest), emptied, TRUST);
    expect(report.holds).toBe(false);
    expect(report.events.find(({ streamId }) => streamId === 'asset/U2')).toMatchObject({
      verdict: 'MISSING',
      event: '(missing)',
    });
  });

  it('finds no record in what was committed as one but is none, or is of another stream', async () => {
    const header = Buffer.from(honest[1]!.header).toString();
    for (const text of [
      '{}',
      `${header} `,
      header.replace('asset/U1', 'asset/U2'),
      header.replaceAll('example.org/', 'example.net/'),
    ]) {
      const report = await audit(honest.with(1, forgedLeaf(text, 1n)));
      expect(report.holds).toBe(false);
      expect(verdicts(report).toSorted()).toEqual(['ALTERED', 'OK', 'OK']);
    }
  });

  it('names a sequence that was committed twice', async () => {
    const report = await audit([...honest, forgedLeaf(Buffer.from(honest[2]!.header).toString(), 2n)]);
    expect(report.holds).toBe(false);
    expect(verdicts(report)).toEqual(['OK', 'OK', 'OK', 'INSERTED']);
  });

  it('counts no further than anybody can read, whatever sequence was committed', async () => {
    const report = await audit(honest.with(2, forgedLeaf(Buffer.from(honest[2]!.header).toString(), 2n ** 64n - 1n)));
    expect(report.holds).toBe(false);
    expect(report.events.length).toBeLessThan(1_100);
  });
});
