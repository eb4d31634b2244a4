import { KeystoreError, readPrivateKey, type Keystore } from '@countersign/host';
import { DomainError } from '@countersign/kernel';
import { parseCosignerKey, parseVerifierKey, rawPublicKey, type Cosigner, type NoteKey } from '@countersign/merkle';
import { WITNESS_LIMITS } from './config.js';

/** The logs a witness follows, by origin; a log whose key rotated has several keys. */
export type FollowedLogs = ReadonlyMap<string, readonly NoteKey[]>;

/**
 * The key a witness cosigns with: `witness-key.pem`, and its verifier key `witness.vkey`, which carries the name.
 *
 * @throws KeystoreError if they do not belong together
 */
export async function readCosigner(keystore: Keystore): Promise<Cosigner> {
  const privateKey = await readPrivateKey(keystore, 'witness-key.pem');
  const text = (await keystore.read('witness.vkey')).toString().trim();
  const { name, raw } = parsed('witness.vkey', () => parseCosignerKey(text));
  if (!raw.equals(rawPublicKey(privateKey))) throw new KeystoreError('witness.vkey is not the key of witness-key.pem');
  return { name, privateKey };
}

/**
 * The logs to follow: `followed-logs.txt`, a verifier key (type 0x01) a line; empty lines and lines that begin with `#` are passed
 * over. Several keys of one name are keys of one log.
 *
 * @throws KeystoreError also if there is none, or a key stands twice
 */
export async function readFollowedLogs(keystore: Keystore): Promise<FollowedLogs> {
  const lines = (await keystore.read('followed-logs.txt')).toString().split('\n');
  const keys = lines.flatMap((line, index) => {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return [];
    return [parsed(`followed-logs.txt, line ${index + 1}`, () => parseVerifierKey(text))];
  });
  if (keys.length === 0 || keys.length > WITNESS_LIMITS.knownKeysMax)
    throw new KeystoreError(`followed-logs.txt holds 1 to ${WITNESS_LIMITS.knownKeysMax} keys`);
  if (new Set(keys.map(({ raw }) => raw.toString('hex'))).size !== keys.length)
    throw new KeystoreError('followed-logs.txt holds a key twice');
  return Map.groupBy(keys, ({ name }) => name);
}

function parsed<Key>(where: string, parse: () => Key): Key {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DomainError) throw new KeystoreError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}
