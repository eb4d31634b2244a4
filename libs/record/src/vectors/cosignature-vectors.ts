import { cosign, cosignerKey, formatVerifierKey, parseNote, signatureLine, verifierKey } from '@countersign/merkle';
import { fixedBytes, hex, ORIGIN, publicKeyOf, SEEDS, signingKey } from './fixed-inputs.js';
import type { NoteVectors } from './note-vectors.js';

/** 2026-01-01T00:00:00Z. */
const TIME = 1_767_225_600;

/**
 * A checkpoint of a certificate transparency log as its operator published it, with the cosignatures of four witnesses of four
 * operators: made by implementations that are not ours.
 */
const PUBLISHED_BODY = 'arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n';
const PUBLISHED_LINES = [
  'arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=',
  'arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=',
  'transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==',
  'witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==',
  'remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==',
  'witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==',
];
const PUBLISHED_LOG = 'arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f';
const PUBLISHED_WITNESSES = [
  'transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM',
  'witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO',
  'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2',
  'witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv',
];
const PUBLISHED_TIME = 1_779_573_024;

export interface CosignedNote {
  readonly name: string;
  readonly logKey: string;
  /** Verifier keys that the reader pins. */
  readonly cosignerKeys: readonly string[];
  readonly note: string;
  /** Seconds since the epoch that each pinned cosigner's line states, in the order of `cosignerKeys`; null: it has no line. */
  readonly times: readonly (number | null)[];
}

export interface CosignatureVectors {
  readonly cosigners: readonly { readonly name: string; readonly seed: string; readonly publicKey: string; readonly verifierKey: string }[];
  readonly accepted: readonly CosignedNote[];
  /** Notes that a reader with these keys refuses as a whole. */
  readonly refused: readonly Omit<CosignedNote, 'times'>[];
  /** Texts that are no verifier key of a cosigner. */
  readonly refusedKeys: readonly { readonly name: string; readonly verifierKey: string }[];
}

const NAMES = ['witness.example/w1', 'witness.example/w2'] as const;
const seedOf = (name: string): Buffer => fixedBytes(`cosigner ${name}`);
const cosignerOf = (name: string): { name: string; privateKey: ReturnType<typeof signingKey> } => ({ name, privateKey: signingKey(seedOf(name)) });
const vkeyOf = (name: string): string => formatVerifierKey(cosignerKey(name, publicKeyOf(seedOf(name))));
const LOG_KEY = verifierKey(ORIGIN, publicKeyOf(SEEDS.log));

export function cosignatureVectors(notes: NoteVectors): CosignatureVectors {
  const note = notes.checkpoints.at(-1)?.note ?? '';
  const { body } = parseNote(note);
  const [first, second] = NAMES.map((name) => cosign(body, cosignerOf(name), TIME)) as [string, string];
  const [w1, w2] = NAMES.map(vkeyOf) as [string, string];
  const published = PUBLISHED_LINES.map((line) => `— ${line}\n`).join('');
  const of = (name: string, text: string, cosignerKeys = [w1, w2], logKey = LOG_KEY): Omit<CosignedNote, 'times'> => ({ name, logKey, cosignerKeys, note: text });
  return {
    cosigners: NAMES.map((name) => ({ name, seed: hex(seedOf(name)), publicKey: hex(publicKeyOf(seedOf(name))), verifierKey: vkeyOf(name) })),
    accepted: [
      { ...of('two cosigners', note + first + second), times: [TIME, TIME] },
      { ...of('one of two', note + second), times: [null, TIME] },
      { ...of('none of two', note), times: [null, null] },
      { ...of('a cosigner that is not pinned', note + first + second, [w2]), times: [TIME] },
      { ...of('time 0', note + cosign(body, cosignerOf(NAMES[0]), 0)), times: [0, null] },
      { ...of('the last time', note + cosign(body, cosignerOf(NAMES[0]), Number.MAX_SAFE_INTEGER)), times: [Number.MAX_SAFE_INTEGER, null] },
      { ...of('a plain signature of a cosigner is of another key id', note + signatureLine(body, cosignerOf(NAMES[0]))), times: [null, null] },
      { ...of('published, four witnesses', `${PUBLISHED_BODY}\n${published}`, PUBLISHED_WITNESSES, PUBLISHED_LOG), times: PUBLISHED_WITNESSES.map(() => PUBLISHED_TIME) },
    ],
    refused: refusedNotes(note, body, first).map(({ name, text }) => of(name, text)),
    refusedKeys: refusedKeys(w1),
  };
}

function refusedNotes(note: string, body: string, line: string): { name: string; text: string }[] {
  const earlier = cosign(body.replace(ORIGIN, `${ORIGIN}/heads`), cosignerOf(NAMES[0]), TIME);
  return [
    { name: 'another time than was signed', text: note + withBytes(line, (bytes) => bytes.writeBigUInt64BE(BigInt(TIME + 1), 4)) },
    { name: 'a time beyond 2^53 − 1', text: note + withBytes(line, (bytes) => bytes.writeBigUInt64BE(2n ** 53n, 4)) },
    { name: 'a time beyond 2^63 − 1', text: note + withBytes(line, (bytes) => bytes.writeBigUInt64BE(2n ** 63n, 4)) },
    { name: 'a signature without its time', text: note + withBytes(line, (bytes) => Buffer.concat([bytes.subarray(0, 4), bytes.subarray(12)])) },
    { name: 'a byte too many', text: note + withBytes(line, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])) },
    { name: "another log's checkpoint", text: note + earlier },
    { name: 'two lines of one cosigner', text: note + line + cosign(body, cosignerOf(NAMES[0]), TIME + 1) },
    { name: 'cosigners without the log', text: `${body}\n${line}` },
    { name: 'a plain signature under the key id of a cosigner', text: note + plainUnderCosignerId(body, line) },
  ];
}

function plainUnderCosignerId(body: string, line: string): string {
  const plain = signatureLine(body, cosignerOf(NAMES[0]));
  return withBytes(line, (bytes) => Buffer.concat([bytes.subarray(0, 4), Buffer.from(plain.trimEnd().split(' ')[2] ?? '', 'base64').subarray(4)]));
}

function withBytes(line: string, change: (bytes: Buffer) => unknown): string {
  const [dash, name, encoded] = line.trimEnd().split(' ');
  const bytes = Buffer.from(encoded ?? '', 'base64');
  const changed = change(bytes);
  return `${dash} ${name} ${(Buffer.isBuffer(changed) ? changed : bytes).toString('base64')}\n`;
}

function refusedKeys(vkey: string): CosignatureVectors['refusedKeys'] {
  const [name = '', id = ''] = vkey.split('+');
  return [
    { name: 'a plain Ed25519 key', verifierKey: verifierKey(name, publicKeyOf(seedOf(name))) },
    { name: 'the id of another name', verifierKey: vkey.replace('/w1', '/w2') },
    { name: 'an id in capitals', verifierKey: vkey.replace(id, id.toUpperCase()) },
    { name: 'type ML-DSA-44', verifierKey: `${name}+${id}+${Buffer.concat([Buffer.from([6]), publicKeyOf(seedOf(name))]).toString('base64')}` },
    { name: 'a point of small order', verifierKey: `${name}+${id}+${Buffer.concat([Buffer.from([4, 1]), Buffer.alloc(31)]).toString('base64')}` },
  ];
}
