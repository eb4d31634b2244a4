import { join } from 'node:path';
import type { DataLayout } from '../layout.js';
import { witnessPolicy, type KnownCosigner } from './cosigners.js';
import { prettyJson, writePublicFile } from './kept-file.js';
import type { RegisteredLog } from './keystores.js';

export interface TrustedChain {
  /** E.g. `evm:31337:0x…`. */
  readonly identity: string;
  /** As it shows wherever it is named. */
  readonly name: string;
}

/** Files that an auditor may be handed; nothing in them is secret. */
export interface PublicFiles {
  /** All log registrations with their ids and verifier keys. */
  readonly registrations: string;
  /** What an auditor pins: log ids, log keys, witness policy, chain identity. */
  readonly trust: string;
  /** Whose cosignatures a checkpoint needs (C2SP tlog-policy). */
  readonly witnessPolicy: string;
}

/** Writes what anyone may know. A real auditor gets this file from the organisations themselves, not from the platform he audits. */
export function writePublicFiles(
  layout: DataLayout,
  logs: readonly RegisteredLog[],
  cosigners: readonly KnownCosigner[],
  chain: TrustedChain,
): PublicFiles {
  const files: PublicFiles = {
    registrations: join(layout.public, 'registrations.json'),
    trust: join(layout.public, 'trust.json'),
    witnessPolicy: join(layout.public, 'witness-policy.txt'),
  };
  writePublicFile(files.witnessPolicy, witnessPolicy(logs, cosigners));
  writePublicFile(
    files.registrations,
    prettyJson(
      logs.map(({ origin, logId, registration, verifierKey, headsVerifierKey }) => ({
        origin,
        logId: logId.toString('hex'),
        registration: registration.toString('utf8'),
        verifierKey,
        headsVerifierKey,
      })),
    ),
  );
  writePublicFile(
    files.trust,
    prettyJson({
      version: 1,
      logs: logs.map(({ origin, logId, verifierKey }) => ({ origin, logId: logId.toString('hex'), verifierKey })),
      policy: witnessPolicy([], cosigners), // the logs are pinned above, by id
      chain: { identity: chain.identity, name: chain.name },
    }),
  );
  return files;
}
