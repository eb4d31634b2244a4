import { describe, expect, it } from '@jest/globals';
import type { DirectoryEntry, OrganisationDirectory } from './organisation-directory.js';
import { patientDirectory, type Patience } from './patient-directory.js';

const ENTRY: DirectoryEntry = { organisationId: 'leso-al-atmore', codes: [{ kind: 'dodaac', code: '2YTRYZ' }] };
const PATIENCE: Patience = { waitMs: 200, pollMs: 5, cachedMs: 60_000, missedMs: 60_000, cachedMax: 100 };

/** Answers from the `after`th lookup on. */
function directoryThatKnows(after: number): OrganisationDirectory & { lookups: number } {
  const directory = {
    lookups: 0,
    byCode: () => directory.byAgency(),
    byAgency: () => {
      directory.lookups += 1;
      return Promise.resolve(directory.lookups >= after ? ENTRY : undefined);
    },
  };
  return directory;
}

describe('patient directory', () => {
  it('waits for an organisation whose record is on its way', async () => {
    expect(await patientDirectory(directoryThatKnows(3), PATIENCE).byAgency('AL', 'ATMORE PD')).toEqual(ENTRY);
  });

  it('asks once for many rows of one agency', async () => {
    const directory = directoryThatKnows(1);
    const patient = patientDirectory(directory, PATIENCE);
    await Promise.all(Array.from({ length: 50 }, () => patient.byAgency('AL', 'ATMORE PD')));
    await patient.byAgency('AL', 'ATMORE PD');
    expect(directory.lookups).toBe(1);
  });

  it('tells names apart that differ in trailing spaces only', async () => {
    const directory = directoryThatKnows(1);
    const patient = patientDirectory(directory, PATIENCE);
    await patient.byAgency('AL', 'ATMORE PD');
    await patient.byAgency('AL', 'ATMORE PD ');
    expect(directory.lookups).toBe(2);
  });

  it('gives up after its time, and does not make the next row wait again', async () => {
    const directory = directoryThatKnows(Number.POSITIVE_INFINITY);
    const patient = patientDirectory(directory, { ...PATIENCE, waitMs: 20 });
    expect(await patient.byCode('cage', 'ZZZZZ')).toBeUndefined();
    const { lookups } = directory;
    expect(await patient.byCode('cage', 'ZZZZZ')).toBeUndefined();
    expect(directory.lookups).toBe(lookups);
  });

  it('does not believe a failure', async () => {
    let lookups = 0;
    const failing: OrganisationDirectory = {
      byCode: () => (lookups++ === 0 ? Promise.reject(new Error('database down')) : Promise.resolve(ENTRY)),
      byAgency: () => Promise.resolve(undefined),
    };
    const patient = patientDirectory(failing, PATIENCE);
    await expect(patient.byCode('dodaac', '2YTRYZ')).rejects.toThrow('database down');
    expect(await patient.byCode('dodaac', '2YTRYZ')).toEqual(ENTRY);
  });
});
