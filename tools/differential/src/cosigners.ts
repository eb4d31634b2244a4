import { cosign, cosignerKey, formatVerifierKey, privateKeyFromSeed, rawPublicKey, type Cosigner } from '@countersign/merkle';
import { bytesOf } from './bytes-of.js';

/** Names in policy files, and who stands behind them. */
export type Cosigners = readonly { readonly name: string; readonly cosigner: Cosigner }[];

export const WITNESSES = cosignersOf('witness', ['lt', 'pl', 'nl']);
export const MAP_CHECKERS = cosignersOf('map', ['pl', 'de']);

/** When witnesses saw a base checkpoint, in seconds since the epoch. */
export const COSIGNED_AT = 1_794_211_200;

function cosignersOf(use: string, organisations: readonly string[]): Cosigners {
  return organisations.map((name) => ({
    name,
    cosigner: { name: `${name}.example/${use}`, privateKey: privateKeyFromSeed(bytesOf(`${name} ${use} key`)) },
  }));
}

/** A policy file that asks for so many of these cosigners. */
export function policyOf(cosigners: Cosigners, needed: number): string {
  const lines = cosigners.map(({ name, cosigner }) => {
    const key = cosignerKey(cosigner.name, rawPublicKey(cosigner.privateKey));
    return `witness ${name} ${formatVerifierKey(key)}`;
  });
  const members = cosigners.map(({ name }) => name).join(' ');
  return [...lines, `group some ${needed} ${members}`, 'quorum some', ''].join('\n');
}

/** A note with a line of each of these cosigners. */
export function cosigned(note: string, cosigners: Cosigners, time: number): string {
  const body = `${note.slice(0, note.indexOf('\n\n'))}\n`;
  return note + cosigners.map(({ cosigner }) => cosign(body, cosigner, time)).join('');
}
