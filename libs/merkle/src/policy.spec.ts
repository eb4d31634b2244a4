import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from '@countersign/kernel';
import { refusalOf } from './corruption.builders.js';
import { cosign } from './cosignature.js';
import { privateKeyFromSeed, rawPublicKey } from './ed25519.js';
import { parseNote } from './note.js';
import { parsePolicy } from './policy-file.js';
import { meetsQuorum, openUnderPolicy } from './policy.js';
import { sha256 } from './sha256.js';
import { cosignerKey, formatVerifierKey, noteKey, parseVerifierKey } from './verifier-key.js';

interface PolicyVectors {
  readonly accepted: readonly { name: string; policy: string; cases: readonly { cosigned: string[]; isMet: boolean }[] }[];
  readonly refused: readonly { name: string; policy: string; line: number | null }[];
}
interface CosignatureVectors {
  readonly cosigners: readonly { name: string; seed: string; verifierKey: string }[];
  readonly accepted: readonly { note: string; logKey: string; cosignerKeys: readonly string[] }[];
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../../../vectors/${name}.json`), 'utf8'));
}
const vectors = read('policies') as PolicyVectors;
const cosignatures = read('cosignatures') as CosignatureVectors;

function refused(policy: string): DomainError {
  try {
    parsePolicy(policy);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('was read');
}

describe('policy files', () => {
  it.each(vectors.accepted)('decide by their quorum: $name', ({ policy, cases }) => {
    const read = parsePolicy(policy);
    for (const { cosigned, isMet } of cases) expect([cosigned, meetsQuorum(read, new Set(cosigned))]).toEqual([cosigned, isMet]);
  });

  it.each(vectors.refused)('are refused, naming the line: $name', ({ policy, line }) => {
    const { code, detail } = refused(policy);
    expect(code).toBe('POLICY_INVALID');
    if (line !== null) expect(detail.rule).toMatch(new RegExp(`^line ${line}: `));
    else expect(detail.rule).not.toMatch(/^line/);
  });

  it('keep logs, witnesses and addresses', () => {
    const [log, witness] = [cosignatures.accepted[0]!.logKey, cosignatures.cosigners[0]!.verifierKey];
    const policy = parsePolicy(`log ${log} https://log.example\nwitness w ${witness} https://w.example/x\nquorum w\n`);
    expect(policy.logs).toEqual([{ key: parseVerifierKey(log), url: 'https://log.example' }]);
    expect(policy.witnesses).toMatchObject([{ name: 'w', url: 'https://w.example/x' }]);
    expect(policy.quorum).toBe('w');
  });

  it('have bounds', () => {
    expect(refused(`${'#\n'.repeat(1_000)}quorum none\n`).code).toBe('POLICY_INVALID');
    expect(refused(`#${'x'.repeat(65_536)}\nquorum none\n`).code).toBe('POLICY_INVALID');
    expect(parsePolicy(`${'#\n'.repeat(999)}quorum none\n`).quorum).toBeUndefined();
  });

  it('are asked about their own witnesses only', () => {
    const policy = parsePolicy(vectors.accepted[0]!.policy);
    for (const name of ['Z', 'X-witnesses', 'none']) {
      expect(refusalOf(() => meetsQuorum(policy, new Set([name])))).toBe('POLICY_INVALID');
    }
    expect(refusalOf(() => meetsQuorum({ ...policy, quorum: 'elsewhere' }, new Set()))).toBe('POLICY_INVALID');
  });

  it('never lose a quorum by one more cosignature', () => {
    const policy = parsePolicy(vectors.accepted[0]!.policy);
    const names = policy.witnesses.map(({ name }) => name);
    fc.assert(
      fc.property(fc.subarray(names), fc.constantFrom(...names), (some, more) => {
        const before = meetsQuorum(policy, new Set(some));
        expect(meetsQuorum(policy, new Set([...some, more])) || !before).toBe(true);
        const of = (prefix: string): number => some.filter((name) => name.startsWith(prefix)).length;
        expect(before).toBe(of('X') >= 2 && of('Y') >= 1);
      }),
    );
  });
});

describe('checkpoints under a policy', () => {
  const { note, logKey, cosignerKeys } = cosignatures.accepted[0]!;
  const [w1, w2] = cosignerKeys;
  const body = `${note.split('\n\n')[0]}\n`;
  const log = parseVerifierKey(logKey);
  const stranger = privateKeyFromSeed(sha256(Buffer.from('a stranger')));

  it('are witnessed by verified cosignatures of its witnesses alone', () => {
    const both = parsePolicy(`witness a ${w1}\nwitness b ${w2}\ngroup g all a b\nquorum g\n`);
    expect(openUnderPolicy(note, log, both)).toMatchObject({ isWitnessed: true, size: 9 });
    expect([...openUnderPolicy(note, log, both).cosigned]).toEqual([
      ['a', 1_767_225_600],
      ['b', 1_767_225_600],
    ]);
    const signedByLogAlone = note.split('\n').slice(0, 5).join('\n').concat('\n');
    expect(parseNote(signedByLogAlone).signatures).toHaveLength(1);
    expect(openUnderPolicy(signedByLogAlone, log, both)).toMatchObject({ isWitnessed: false, cosigned: new Map() });
  });

  it('count no line of a key outside the policy, also under the name of a witness', () => {
    const policy = parsePolicy(`witness a ${w1}\nquorum a\n`);
    const name = policy.witnesses[0]!.key.name;
    const signedByLogAlone = note.split('\n').slice(0, 5).join('\n').concat('\n');
    const foreign = signedByLogAlone + cosign(body, { name, privateKey: stranger }, 1);
    expect(openUnderPolicy(foreign, log, policy)).toMatchObject({ isWitnessed: false, cosigned: new Map() });
  });

  it('are refused if the log would be its own witness', () => {
    const own = noteKey('elsewhere.example/log', rawPublicKey(stranger));
    const policy = parsePolicy(`witness a ${formatVerifierKey(cosignerKey('w', own.raw))}\nquorum a\n`);
    expect(refusalOf(() => openUnderPolicy(note, own, policy))).toBe('POLICY_INVALID');
  });
});
