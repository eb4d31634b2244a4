import { formatCheckpoint, rootFromLeaves, signCheckpoint, signNote, verifierKey } from '@countersign/merkle';
import { fixedBytes, hex, ORIGIN, publicKeyOf, SEEDS, signingKey } from './fixed-inputs.js';
import type { RecordVector } from './record-vectors.js';

/** The sample of the C2SP checkpoint specification; its key is not published, so it is only taken apart. */
const C2SP_SAMPLE =
  'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
  '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';

export interface NoteVectors {
  /** Ed25519 seeds in hex, and the C2SP texts of their public keys. */
  readonly keys: readonly { readonly name: string; readonly seed: string; readonly publicKey: string; readonly verifierKey: string }[];
  readonly checkpoints: readonly {
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    readonly body: string;
    readonly note: string;
  }[];
  /** Signed by the log and by a second key; a reader that pins one of them accepts it, and lists the other as unchecked. */
  readonly cosigned: string;
  readonly foreign: { readonly note: string; readonly origin: string; readonly size: number; readonly root: string; readonly keyId: string };
  /** Bodies that are no checkpoint. */
  readonly refusedCheckpoints: readonly { readonly name: string; readonly body: string }[];
  /** Texts that are no signed note. */
  readonly refusedNotes: readonly { readonly name: string; readonly note: string }[];
}

export function noteVectors(records: readonly RecordVector[]): NoteVectors {
  const cosignerSeed = fixedBytes('cosigner key');
  const cosigner = 'witness.example/w1';
  const logKey = signingKey(SEEDS.log);
  const leafHashes = records.map((record) => Buffer.from(record.leafHash, 'hex'));
  const checkpoints = [0, 1, leafHashes.length].map((size) => {
    const checkpoint = { origin: ORIGIN, size, root: rootFromLeaves(leafHashes.slice(0, size)) };
    return { origin: ORIGIN, size, root: hex(checkpoint.root), body: formatCheckpoint(checkpoint), note: signCheckpoint(checkpoint, logKey) };
  });
  const body = checkpoints.at(-1)?.body ?? '';
  const note = checkpoints.at(-1)?.note ?? '';
  const signers = [
    { name: ORIGIN, privateKey: logKey },
    { name: cosigner, privateKey: signingKey(cosignerSeed) },
  ];
  return {
    keys: [
      [ORIGIN, SEEDS.log] as const,
      [cosigner, cosignerSeed] as const,
    ].map(([name, seed]) => ({ name, seed: hex(seed), publicKey: hex(publicKeyOf(seed)), verifierKey: verifierKey(name, publicKeyOf(seed)) })),
    checkpoints,
    cosigned: signNote(body, ...signers),
    foreign: {
      note: C2SP_SAMPLE,
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
      root: '0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62',
      keyId: '033de0ae',
    },
    refusedCheckpoints: refusedCheckpoints(body),
    refusedNotes: refusedNotes(note),
  };
}

function refusedCheckpoints(body: string): NoteVectors['refusedCheckpoints'] {
  const [origin = '', size = '', root = ''] = body.split('\n');
  const of = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');
  return [
    { name: 'an extension line', body: of(origin, size, root, 'extension') },
    { name: 'a missing line', body: of(origin, size) },
    { name: 'no newline at the end', body: body.slice(0, -1) },
    { name: 'a size with a leading zero', body: of(origin, `0${size}`, root) },
    { name: 'a size with a sign', body: of(origin, `+${size}`, root) },
    { name: 'a size beyond 2^53 − 1', body: of(origin, '9007199254740992', root) },
    { name: 'an empty size', body: of(origin, '', root) },
    { name: 'a root of 31 bytes', body: of(origin, size, Buffer.alloc(31).toString('base64')) },
    { name: 'a root without padding', body: of(origin, size, root.replace('=', '')) },
    { name: 'a root in base64url', body: of(origin, size, `_${root.slice(1)}`) },
    { name: 'an empty origin', body: of('', size, root) },
    { name: 'an origin with a space', body: of(`${origin} `, size, root) },
    { name: 'an empty log with another root', body: of(origin, '0', root) },
  ];
}

function refusedNotes(note: string): NoteVectors['refusedNotes'] {
  const [body = '', lines = ''] = note.split('\n\n');
  return [
    { name: 'no signature', note: `${body}\n\n` },
    { name: 'no empty line', note: `${body}\n${lines}` },
    { name: 'no newline at the end', note: note.slice(0, -1) },
    { name: 'a hyphen for the dash', note: note.replace('— ', '- ') },
    { name: 'two spaces', note: note.replace('— ', '—  ') },
    { name: 'a carriage return', note: note.replaceAll('\n', '\r\n') },
    { name: 'a tab', note: note.replace(ORIGIN, `${ORIGIN}\t`) },
    { name: 'a signature without padding', note: `${note.trimEnd().replace(/=+$/, '')}\n` },
    { name: 'a key id alone', note: `${body}\n\n— ${ORIGIN} ${Buffer.alloc(4).toString('base64')}\n` },
    { name: 'a trailing line', note: `${note}\n` },
  ];
}
