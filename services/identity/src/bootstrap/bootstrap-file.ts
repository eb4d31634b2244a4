import { createPublicKey } from 'node:crypto';
import { KeystoreError, type Keystore } from '@countersign/host';
import { encodeBase64Url, pinPublicKey, rawPublicKey } from '@countersign/merkle';
import { z } from 'zod';

/** A principal that stands before anybody could register it. */
export interface FirstPrincipal {
  readonly principalId: string;
  /** Ed25519, base64url. */
  readonly publicKey: string;
  readonly role: 'administrator' | 'service';
}

/** What the platform was provisioned with: the operator, its administrator, its services. */
export interface Bootstrap {
  readonly operator: { readonly organisationId: string; readonly name: string; readonly nation: string };
  readonly principals: readonly FirstPrincipal[];
  /** Origins of the logs of this deployment; undefined: derived from identity's own. */
  readonly logOrigins: readonly string[] | undefined;
}

const ID = z.string().regex(/^[a-z0-9][a-z0-9-]{2,62}$/);
const FILE = z.object({
  organisation: ID,
  name: z.string().min(1).max(200).optional(),
  // ISO 3166 leaves XAA to XZZ to users: an operator that stands for no nation.
  nation: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('XXX'),
  administrator: z.object({ principalId: ID }).default({ principalId: 'administrator' }),
  services: z.array(z.object({ principalId: ID, publicKey: z.string() })).max(50),
  logs: z.array(z.string().min(1).max(200)).optional(),
});

/**
 * Reads `bootstrap.json` and `admin-public.pem`.
 *
 * @throws KeystoreError
 */
export async function readBootstrap(keystore: Keystore): Promise<Bootstrap> {
  const file = parseFile(await keystore.read('bootstrap.json'));
  const administrator = (await keystore.read('admin-public.pem')).toString('utf8');
  const { principalId } = file.administrator;
  return {
    operator: { organisationId: file.organisation, name: file.name ?? file.organisation, nation: file.nation },
    principals: [
      { principalId, publicKey: publicKeyOf(administrator, 'admin-public.pem'), role: 'administrator' },
      ...file.services.map((service): FirstPrincipal => ({
        principalId: service.principalId,
        publicKey: publicKeyOf(service.publicKey, 'bootstrap.json'),
        role: 'service',
      })),
    ],
    logOrigins: file.logs,
  };
}

function parseFile(bytes: Buffer): z.output<typeof FILE> {
  try {
    return FILE.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new KeystoreError('bootstrap.json is not what identity can read', { cause });
  }
}

/** @throws KeystoreError unless it is an Ed25519 public key that others may rely on */
function publicKeyOf(pem: string, name: string): string {
  try {
    return encodeBase64Url(pinPublicKey(rawPublicKey(createPublicKey(pem))).raw);
  } catch (cause) {
    throw new KeystoreError(`${name} must hold Ed25519 public keys in PEM`, { cause });
  }
}
