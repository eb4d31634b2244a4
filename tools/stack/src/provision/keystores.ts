import { createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { rawPublicKey, verifierKey } from '@countersign/merkle';
import { ItemKeys, logIdOf, registrationBytes, SUITE } from '@countersign/record';
import type { DataLayout } from '../layout.js';
import {
  ADMINISTRATOR,
  LOG_SERVICES,
  OPERATOR,
  originOf,
  servicePrincipal,
  SERVICES,
  type LogServiceName,
  type ServiceName,
} from '../names.js';
import { keptSecret, prettyJson } from './kept-file.js';
import { signingKey } from './signing-key.js';

/** A log as anyone may know it. */
export interface RegisteredLog {
  readonly service: LogServiceName;
  readonly origin: string;
  readonly logId: Buffer;
  /** Canonical bytes of the registration (formats §6). */
  readonly registration: Buffer;
  /** C2SP verifier keys of the log and of its heads log. */
  readonly verifierKey: string;
  readonly headsVerifierKey: string;
}

export interface Keystores {
  /** Directory with the keys of one service, its `COUNTERSIGN_KEYSTORE`. */
  readonly directories: Readonly<Record<ServiceName, string>>;
  readonly logs: readonly RegisteredLog[];
  readonly administrator: { readonly principalId: string; readonly privateKeyFile: string };
  /** secp256k1 private key of the chain publisher, `0x` and 64 hex digits. */
  readonly publisherKeyFile: string;
}

/** Makes all key material on first use and finds it again afterwards. Losing it ends the logs: nothing may overwrite it. */
export function provisionKeystores(layout: DataLayout): Keystores {
  const directories = Object.fromEntries(SERVICES.map((service) => [service, join(layout.keys, service)])) as Record<
    ServiceName,
    string
  >;
  for (const service of SERVICES) signingKey(join(directories[service], 'principal-key.pem'));
  const logs = LOG_SERVICES.map((service, index) => {
    const log = registerLog(service, directories[service], join(directories.anchoring, 'logs', String(index)));
    return log;
  });
  const administratorKeyFile = join(layout.keys, 'administrator', 'principal-key.pem');
  const publisherKeyFile = join(directories.anchoring, 'publisher.key');
  keptSecret(publisherKeyFile, newPublisherKey);
  writeIdentityKeys(directories, signingKey(administratorKeyFile));
  return {
    directories,
    logs,
    administrator: { principalId: ADMINISTRATOR, privateKeyFile: administratorKeyFile },
    publisherKeyFile,
  };
}

/**
 * The service holds what it signs leaves and makes item keys with; anchoring holds the keys that sign checkpoints.
 * Neither can do the other's part.
 */
function registerLog(service: LogServiceName, directory: string, anchoringDirectory: string): RegisteredLog {
  const origin = originOf(service);
  const leavesKey = signingKey(join(directory, 'leaves-key.pem'));
  const itemKeys = new ItemKeys(keptSecret(join(directory, 'item-master.key'), () => randomBytes(32)));
  keptSecret(join(directory, 'request-digest.key'), () => randomBytes(32));
  const logKey = rawPublicKey(createPublicKey(signingKey(join(anchoringDirectory, 'log-key.pem'))));
  const headsKey = rawPublicKey(createPublicKey(signingKey(join(anchoringDirectory, 'heads-key.pem'))));
  keptSecret(join(anchoringDirectory, 'source-public.pem'), () => publicPem(leavesKey));
  const registration = keptSecret(join(directory, 'registration.json'), () =>
    registrationBytes({
      origin,
      suite: SUITE,
      logKey,
      headsOrigin: `${origin}/heads`,
      headsKey,
      itemCommitment: itemKeys.commitment(),
      organisation: OPERATOR,
      predecessor: null,
    }),
  );
  keptSecret(join(anchoringDirectory, 'registration.json'), () => registration);
  return {
    service,
    origin,
    registration,
    logId: logIdOf(registration),
    verifierKey: verifierKey(origin, logKey),
    headsVerifierKey: verifierKey(`${origin}/heads`, headsKey),
  };
}

function writeIdentityKeys(directories: Readonly<Record<ServiceName, string>>, administratorKey: KeyObject): void {
  const directory = directories.identity;
  signingKey(join(directory, 'token-key.pem'));
  keptSecret(join(directory, 'unit-key-master.key'), () => randomBytes(32));
  keptSecret(join(directory, 'admin-public.pem'), () => publicPem(administratorKey));
  keptSecret(join(directory, 'bootstrap.json'), () =>
    prettyJson({
      organisation: OPERATOR,
      administrator: { principalId: ADMINISTRATOR, publicKey: publicPem(administratorKey) },
      services: SERVICES.map((service) => ({
        principalId: servicePrincipal(service),
        service,
        publicKey: publicPem(signingKey(join(directories[service], 'principal-key.pem'))),
      })),
    }),
  );
}

function publicPem(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString();
}

function newPublisherKey(): string {
  const { d } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey.export({ format: 'jwk' });
  return `0x${Buffer.from(d ?? '', 'base64url')
    .toString('hex')
    .padStart(64, '0')}`;
}
