import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { cosignerKey, formatVerifierKey, rawPublicKey } from '@countersign/merkle';
import type { DataLayout } from '../layout.js';
import { COSIGNER_PLANS, COSIGNERS, type CosignerName } from '../names.js';
import type { CosignerAddresses } from '../services/addresses.js';
import { writePrivateFile } from './kept-file.js';
import type { RegisteredLog } from './keystores.js';
import { signingKey } from './signing-key.js';

/** A cosigner as anyone may know it. */
export interface KnownCosigner {
  readonly name: CosignerName;
  readonly organisation: string;
  /** C2SP verifier key, type 0x04. */
  readonly verifierKey: string;
  /** Directory with its keys and the list of the logs it follows, its `COUNTERSIGN_KEYSTORE`. */
  readonly directory: string;
}

/** Makes the keys of the other organisations on first use. The list of logs is theirs to decide; here they follow all of them. */
export function provisionCosigners(layout: DataLayout, logs: readonly RegisteredLog[]): readonly KnownCosigner[] {
  return COSIGNERS.map((name) => {
    const { organisation, keyName } = COSIGNER_PLANS[name];
    const directory = join(layout.keys, name);
    const publicKey = rawPublicKey(createPublicKey(signingKey(join(directory, 'witness-key.pem'))));
    const verifierKey = formatVerifierKey(cosignerKey(keyName, publicKey));
    writePrivateFile(join(directory, 'witness.vkey'), `${verifierKey}\n`);
    const followed = logs.flatMap((log) => [log.verifierKey, log.headsVerifierKey]);
    writePrivateFile(join(directory, 'followed-logs.txt'), followed.map((key) => `${key}\n`).join(''));
    return { name, organisation, verifierKey, directory };
  });
}

/**
 * The policy of the embedded platform (C2SP tlog-policy): every cosigner has to have signed. With addresses it tells the operator whom
 * to ask; without, an auditor what to ask for.
 */
export function witnessPolicy(
  logs: readonly RegisteredLog[],
  cosigners: readonly KnownCosigner[],
  addresses?: CosignerAddresses,
): string {
  const address = (name: CosignerName): string => (addresses === undefined ? '' : ` http://${addresses[name]}`);
  return [
    ...logs.map(({ verifierKey }) => `log ${verifierKey}`),
    ...cosigners.map(({ name, verifierKey }) => `witness ${name} ${verifierKey}${address(name)}`),
    `group cosigners all ${cosigners.map(({ name }) => name).join(' ')}`,
    'quorum cosigners',
    '',
  ].join('\n');
}

/** Writes the operator's own. @returns its path, for `COUNTERSIGN_WITNESS_POLICY` */
export function writeOperatorPolicy(layout: DataLayout, policy: string): string {
  const file = join(layout.keys, 'anchoring', 'witness-policy.txt');
  writePrivateFile(file, policy);
  return file;
}
