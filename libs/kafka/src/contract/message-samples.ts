import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JsonObject } from '@countersign/kernel';

/** A message as the integrator's documents show it. */
export interface MessageSample {
  readonly name: string;
  readonly summary: string;
  readonly key: string;
  /** CloudEvents attributes but `specversion` and `type`. */
  readonly attributes: { readonly id: string; readonly source: string; readonly subject?: string; readonly time?: string };
  readonly data: JsonObject;
}

/** Beside `src` as well as beside `dist`. */
const SAMPLE_FOLDER = new URL('../../samples/', import.meta.url);

/** Ed25519 key pair of RFC 8037 appendix A.1: known to everybody, so anybody can make the samples' signatures byte for byte. */
const SAMPLE_KEY = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
};

/** Who signs the samples. */
export const SAMPLE_SIGNER: { readonly kid: string; readonly privateKey: KeyObject; readonly publicKey: Buffer } = {
  kid: 'erp-usa-1',
  privateKey: createPrivateKey({ format: 'jwk', key: SAMPLE_KEY }),
  publicKey: Buffer.from(SAMPLE_KEY.x, 'base64url'),
};

/** The samples of a schema, from `libs/kafka/samples`. */
export function samplesOf(schema: string): readonly MessageSample[] {
  return JSON.parse(readFileSync(new URL(`${schema}.json`, SAMPLE_FOLDER), 'utf8')) as MessageSample[];
}
