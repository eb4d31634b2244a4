import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { OPERATOR_PROFILE_FILE, PROFILE_FILE, type Profile } from '@countersign/cli';
import type { Platform } from '@countersign/stack';
import { PERSONS } from './cast.js';
import { StoredEvents } from './drills/stored-events.js';
import type { Principal } from './doors.js';
import type { ParticipantKeys } from './participant-keys.js';

/** The first administrator, made when the platform was provisioned. */
export function administratorOf(platform: Platform): Principal {
  const { principalId, privateKeyFile } = platform.provisioned.keystores.administrator;
  return { principalId, privateKey: createPrivateKey(readFileSync(privateKeyFile)) };
}

/** Writes the profiles of auditor and operator, which `npx countersign` finds by itself. */
export function writeProfile(platform: Platform, keys: ParticipantKeys): string {
  const { addresses } = platform;
  const { id } = PERSONS.auditor;
  const profile: Profile = {
    version: 1,
    principalId: id,
    appointmentId: `${id}-1`,
    keyFile: keys.fileOf(id),
    identity: addresses.identity.grpc,
    anchoring: addresses.anchoring.grpc,
    sources: { identity: addresses.identity.grpc, inventory: addresses.inventory.grpc, procurement: addresses.procurement.grpc },
    chain: { rpcUrl: platform.parts.chain.rpcUrl, contract: platform.provisioned.contract.address },
  };
  const { principalId, privateKeyFile: keyFile } = platform.provisioned.keystores.administrator;
  const { appointmentId: _none, ...places } = profile;
  writeProfileFile(path.join(keys.folder, OPERATOR_PROFILE_FILE), { ...places, principalId, keyFile: path.resolve(keyFile) });
  const file = path.join(keys.folder, PROFILE_FILE);
  writeProfileFile(file, profile);
  return file;
}

function writeProfileFile(file: string, profile: Profile): void {
  writeFileSync(file, `${JSON.stringify(profile, undefined, 2)}\n`, { mode: 0o600 });
}

/** Inventory's stored events as their superuser; undefined if the server is not ours, which the drill must not touch. */
export function storedEvents(platform: Platform): StoredEvents | undefined {
  const { postgres, layout } = platform.parts;
  if (!postgres.own) return undefined;
  const url = new URL(postgres.superuserUrl);
  url.pathname = new URL(platform.provisioned.databases.inventory.appUrl).pathname;
  return new StoredEvents(url.toString(), layout.at('tamper-drill.json'));
}

/** Memory of every process of the platform, this one included, in MiB. */
export function memoryMiB(platform: Platform): number {
  return Math.round(platform.memory().reduce((sum, use) => sum + use.bytes, 0) / 1024 / 1024);
}
