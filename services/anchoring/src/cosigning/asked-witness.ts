import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '@countersign/host';
import { DomainError } from '@countersign/kernel';
import { parsePolicy, type CosignerKey, type WitnessPolicy } from '@countersign/merkle';

/** A witness of the policy that this service asks for cosignatures. */
export interface AskedWitness {
  /** The policy's own name. */
  readonly name: string;
  readonly key: CosignerKey;
  /** Submission prefix (C2SP tlog-witness). */
  readonly url: string;
}

const SETTING = 'COUNTERSIGN_WITNESS_POLICY';

/**
 * The policy that `COUNTERSIGN_WITNESS_POLICY` names a file of; undefined if it is not set.
 *
 * @throws ConfigurationError if the file cannot be read, is no policy, or an address in it is none
 */
export async function readWitnessPolicy(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<WitnessPolicy | undefined> {
  const file = environment[SETTING];
  if (file === undefined || file === '') return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
  } catch {
    throw wrong('names no readable file in UTF-8');
  }
  try {
    const policy = parsePolicy(text);
    askedWitnesses(policy);
    return policy;
  } catch (error) {
    if (error instanceof DomainError) throw wrong(error.message);
    throw error;
  }
}

/**
 * The witnesses that have an address. One without cannot be asked: whoever brings its cosignatures does so by other means.
 *
 * @throws ConfigurationError
 */
export function askedWitnesses({ witnesses }: WitnessPolicy): readonly AskedWitness[] {
  return witnesses.flatMap(({ name, key, url }) => {
    if (url === undefined) return [];
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw wrong(`the address of ${name} is no http URL`);
    return [{ name, key, url: url.replace(/\/+$/, '') }];
  });
}

function wrong(rule: string): ConfigurationError {
  return new ConfigurationError([{ setting: SETTING, rule }]);
}
