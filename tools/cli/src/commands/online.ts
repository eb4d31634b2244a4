import { CallError } from '@countersign/grpc';
import { parseTrust, TRUST_BYTES_MAX, Unreadable, verifyBundle, type Trust } from '@countersign/verifier';
import { readUpTo, writePrivately } from '../files.js';
import { auditDossier } from '../platform/audit-dossier.js';
import { auditPlatform } from '../platform/audit-platform.js';
import { bundleOf } from '../platform/bundle-of.js';
import { connect, type PlatformClients } from '../platform/clients.js';
import { collectDossier, type Dossier } from '../platform/dossier.js';
import { findProfile, readProfile, trustBeside } from '../platform/profile.js';
import { dossierTable, platformTable, verdictLine } from '../tables.js';
import { plain } from '../terminal.js';
import { printJson, type ExitCode } from './exit.js';

export interface OnlineOptions {
  /** Default: as `findProfile` says. */
  readonly profile?: string;
  /** Default: what the profile's platform published about itself. */
  readonly trust?: string;
  readonly json?: boolean;
}

/** `audit`: every log as a whole. */
export async function auditCommand(options: OnlineOptions): Promise<ExitCode> {
  return withPlatform(options, async (clients, trust) => {
    const audit = await auditPlatform(clients, trust);
    if (options.json === true) printJson(audit);
    else process.stdout.write(`${platformTable(audit)}\n${audit.holds ? 'all logs hold' : 'DOES NOT HOLD'}\n`);
    return audit.holds ? 0 : 1;
  });
}

/** `trace <item>`: every event of a dossier with its evidence. */
export async function traceCommand(item: string, options: OnlineOptions): Promise<ExitCode> {
  return withPlatform(options, async (clients, trust) => {
    const audit = await auditDossier(clients, await dossierOf(clients, item), trust);
    if (options.json === true) printJson(audit);
    else
      process.stdout.write(
        `${dossierTable(audit)}\n${plain(audit.item)}: ${audit.events.length} events, ${audit.holds ? 'all hold' : 'DOES NOT HOLD'}\n`,
      );
    return audit.holds ? 0 : 1;
  });
}

/** `proof <item> -o <file>`: the dossier's sealed bundle, for `verify`. Verified before it is written; one that does not hold is kept too. */
export async function proofCommand(item: string, options: OnlineOptions & { readonly output: string }): Promise<ExitCode> {
  return withPlatform(options, async (clients, trust) => {
    const bundle = await bundleOf(clients, await dossierOf(clients, item), trust);
    const report = verifyBundle(bundle, Buffer.from(JSON.stringify(trust)));
    writePrivately(options.output, bundle);
    const { verdict, holds } = report;
    const summary = { file: options.output, bytes: bundle.length, records: report.records.length, verdict, holds };
    if (options.json === true) printJson(summary);
    else process.stdout.write(`${plain(options.output)}: ${bundle.length} bytes\n${verdictLine(report)}\n`);
    return holds ? 0 : 1;
  });
}

async function dossierOf(clients: PlatformClients, item: string): Promise<Dossier> {
  const dossier = await collectDossier(clients.sources, item);
  if (dossier === undefined)
    throw new Unreadable('no service knows an item or document of that number, or it is not yours to know');
  return dossier;
}

async function withPlatform(
  options: OnlineOptions,
  use: (clients: PlatformClients, trust: Trust) => Promise<ExitCode>,
): Promise<ExitCode> {
  const profileFile = options.profile ?? findProfile();
  const profile = readProfile(profileFile);
  const trust = parseTrust(readUpTo(options.trust ?? trustBeside(profileFile), TRUST_BYTES_MAX, 'the trust file'));
  const clients = connect(profile);
  try {
    return await use(clients, trust);
  } catch (error) {
    if (!(error instanceof CallError) || error.statusName !== 'UNAVAILABLE') throw error;
    throw new Unreadable(
      `the platform of ${profileFile} does not answer (identity at ${profile.identity}): start it (npm start), or name another with --profile`,
    );
  } finally {
    clients.close();
  }
}
