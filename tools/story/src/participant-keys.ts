import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Keys of the story's people and of the ERP; they stand for devices and live outside the platform. Kept for the next start. */
export class ParticipantKeys {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = path.join(dataDir, 'clients');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  get folder(): string {
    return this.#folder;
  }

  /** File of one participant's private key, relative to the folder. */
  fileOf(id: string): string {
    return `${id}.pem`;
  }

  privateKey(id: string): KeyObject {
    const pem = this.#kept(this.fileOf(id), () =>
      generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    );
    return createPrivateKey(pem);
  }

  /** Raw Ed25519 public key, 32 bytes. */
  publicKey(id: string): Uint8Array {
    const { x } = createPublicKey(this.privateKey(id)).export({ format: 'jwk' });
    return Buffer.from(x ?? '', 'base64url');
  }

  /** Id of this data directory's run: all command ids follow from it. */
  runId(): string {
    return this.#kept('run-id', randomUUID);
  }

  #kept(name: string, make: () => string): string {
    const file = path.join(this.#folder, name);
    if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 });
    return readFileSync(file, 'utf8');
  }
}
