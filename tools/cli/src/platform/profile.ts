import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Unreadable } from '@countersign/verifier';
import { z } from 'zod';

const address = z.string().regex(/^[^\s:]+:\d+$/, 'must be host:port');

const profile = z.strictObject({
  version: z.literal(1),
  /** Who calls: a principal registered with identity, and the appointment it acts under. */
  principalId: z.string(),
  /** Left out for a principal without appointments: the first administrator. */
  appointmentId: z.string().optional(),
  /** Ed25519 private key (PKCS#8 PEM), relative to the profile. */
  keyFile: z.string(),
  identity: address,
  anchoring: address,
  /** Services with a log of their own, by name. */
  sources: z.record(z.string(), address),
  /** Lets the audit read the chain itself; without it the chain part reads NOT_CHECKED. */
  chain: z.strictObject({ rpcUrl: z.string(), contract: z.string() }).optional(),
});

/** Where the platform is and who calls it; written by `npm start` for the auditor of the story. */
export type Profile = z.infer<typeof profile>;

/** Name of the profile in the folder of clients' keys. */
export const PROFILE_FILE = 'auditor.json';

/** Name of the operator's profile beside it: who may rebuild read models. */
export const OPERATOR_PROFILE_FILE = 'operator.json';

/** Data directories of platforms that were started here. */
const DATA_DIRS = '.countersign*';

/** The profile used when none is named: `COUNTERSIGN_PROFILE`, that of `COUNTERSIGN_DATA_DIR`, or the one written last here. */
export function findProfile(env: NodeJS.ProcessEnv = process.env, cwd = process.cwd()): string {
  if (env['COUNTERSIGN_PROFILE']) return env['COUNTERSIGN_PROFILE'];
  if (env['COUNTERSIGN_DATA_DIR']) return path.join(env['COUNTERSIGN_DATA_DIR'], 'clients', PROFILE_FILE);
  const written = (file: string): number => statSync(path.join(cwd, file)).mtimeMs;
  const found = globSync(`${DATA_DIRS}/clients/${PROFILE_FILE}`, { cwd }).toSorted((a, b) => written(b) - written(a));
  return found[0] ?? path.join('.countersign', 'clients', PROFILE_FILE);
}

/** What the platform of this profile published about itself. A real auditor pins a file that he got elsewhere. */
export function trustBeside(profileFile: string): string {
  return path.join(path.dirname(profileFile), '..', 'public', 'trust.json');
}

/** @throws Unreadable if there is no such profile or it breaks its schema */
export function readProfile(file: string): Profile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Unreadable(`no profile at ${file}: start the platform (npm start) or name one with --profile`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Unreadable(`the profile ${file} is not JSON`);
  }
  const parsed = profile.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Unreadable(
      `the profile breaks its schema at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? 'unknown'}`,
    );
  }
  return { ...parsed.data, keyFile: path.resolve(path.dirname(file), parsed.data.keyFile) };
}
