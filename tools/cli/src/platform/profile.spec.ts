import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findProfile, trustBeside } from './profile.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-profile-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(dataDir: string, atSeconds: number): string {
  const file = path.join(dataDir, 'clients', 'auditor.json');
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), '{}');
  utimesSync(path.join(folder, file), atSeconds, atSeconds);
  return file;
}

describe('the profile that nobody named', () => {
  it('is the one written last here', () => {
    expect(findProfile({}, folder)).toBe('.countersign/clients/auditor.json');
    const own = write('.countersign', 2_000_000);
    write('.countersign-0a1b2c3d', 1_000_000);
    expect(findProfile({}, folder)).toBe(own);
    const given = write('.countersign-4e5f6a7b', 3_000_000);
    expect(findProfile({}, folder)).toBe(given);
    expect(trustBeside(given)).toBe('.countersign-4e5f6a7b/public/trust.json');
  });

  it('is the one the environment names before that', () => {
    write('.countersign', 2_000_000);
    expect(findProfile({ COUNTERSIGN_DATA_DIR: '/data' }, folder)).toBe('/data/clients/auditor.json');
    expect(findProfile({ COUNTERSIGN_DATA_DIR: '/data', COUNTERSIGN_PROFILE: 'mine.json' }, folder)).toBe('mine.json');
  });
});
