import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { formatForkProof, privateKeyFromSeed, rawPublicKey, sha256, signCheckpoint, verifierKey } from '@countersign/merkle';
import { forkProofCommand } from './fork-proof.js';

const ORIGIN = 'log.example/items';
const privateKey = privateKeyFromSeed(sha256(Buffer.from('log')));
const key = [verifierKey(ORIGIN, rawPublicKey(privateKey))];
const note = (size: number, byte: number): string =>
  signCheckpoint({ origin: ORIGIN, size, root: Buffer.alloc(32, byte) }, privateKey);
const fork = formatForkProof({ first: note(9, 1), second: note(9, 2), proof: [] });
const noFork = formatForkProof({ first: note(9, 1), second: note(9, 1), proof: [] });

let folder: string;
let witness: Server;
let address: string;
let reply: string;
let printed: string;
const file = (): string => join(folder, 'fork.json');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-fork-'));
  witness = createServer((_request, response) => response.end(reply)).listen(0, '127.0.0.1');
  await new Promise((listening) => witness.once('listening', listening));
  address = `http://127.0.0.1:${(witness.address() as AddressInfo).port}`;
});
afterAll(() => {
  witness.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('fork-proof', () => {
  it('ends with 0 for a proof only', async () => {
    writeFileSync(file(), fork);
    expect(await forkProofCommand(file(), { key })).toBe(0);
    expect(printed).toMatch(/^FORK of log\.example\/items: it signed two roots of 9 entries\n/);
    writeFileSync(file(), noFork);
    expect(await forkProofCommand(file(), { key })).toBe(1);
    writeFileSync(file(), fork);
    const other = verifierKey(ORIGIN, rawPublicKey(privateKeyFromSeed(sha256(Buffer.from('another')))));
    expect(await forkProofCommand(file(), { key: [other] })).toBe(1);
    expect(printed).toMatch(/NOT PROVEN: a signature does not verify/);
  });

  it('says the same as JSON', async () => {
    writeFileSync(file(), fork);
    await forkProofCommand(file(), { key, json: true });
    const second = { size: 9, root: '02'.repeat(32) };
    expect(JSON.parse(printed)).toMatchObject({ proven: true, origin: ORIGIN, kind: 'same-size', second });
  });

  it('reads no file that is none, and asks for keys', async () => {
    for (const text of ['', '{}', fork.replace('"version": 1', '"version": 2')]) {
      writeFileSync(file(), text);
      await expect(forkProofCommand(file(), { key })).rejects.toMatchObject({ name: 'Unreadable' });
    }
    writeFileSync(file(), fork);
    await expect(forkProofCommand(file(), { key: [] })).rejects.toMatchObject({ name: 'Unreadable' });
    await expect(forkProofCommand(file(), { key: ['x'] })).rejects.toMatchObject({ name: 'Unreadable' });
  });

  it('fetches what a witness holds, and checks it like any other', async () => {
    const held = (...forks: [string, string][]): string =>
      JSON.stringify(forks.map(([origin, forkProof]) => ({ origin, forkProof, detectedAt: '2026-01-01T00:00:00Z' })));
    rmSync(file(), { force: true });
    reply = held(['log.example/other', noFork], [ORIGIN, fork]);
    expect(await forkProofCommand(file(), { key, from: address, origin: ORIGIN })).toBe(0);
    expect(readFileSync(file(), 'utf8')).toBe(fork);
    expect(await forkProofCommand(file(), { key, from: `${address}/` })).toBe(1);
    reply = held();
    expect(await forkProofCommand(file(), { key, from: address })).toBe(1);
    for (const lie of ['', '{}', '[{}]', held([ORIGIN, 'x'.repeat(300_000)])]) {
      reply = lie;
      await expect(forkProofCommand(file(), { key, from: address })).rejects.toMatchObject({ name: 'Unreadable' });
    }
  });
});
