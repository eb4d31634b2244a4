import { existsSync } from 'node:fs';
import path from 'node:path';
import { CallError } from '@countersign/grpc';
import type { operationsV1 } from '@countersign/proto';
import { Unreadable } from '@countersign/verifier';
import { findProfile, OPERATOR_PROFILE_FILE, readProfile } from '../platform/profile.js';
import { clientOf, connectProjections, type ProjectionClient } from '../platform/projection-clients.js';
import { comparisonTable, progressLine, projectionTable } from '../projection-tables.js';
import { plain } from '../terminal.js';
import { printJson, type ExitCode } from './exit.js';

export interface ProjectionOptions {
  /** Default: as `findProfile` says; to rebuild, the operator's beside it. */
  readonly profile?: string;
  /** Default: every service of the profile, or the one that has the read model. */
  readonly service?: string;
  readonly json?: boolean;
}

/** A whole log may take long; the service ends the call earlier if it has to. */
const CALL_MS = 24 * 3_600_000;
/** So many reports in a row of the same failure: nothing will come of waiting. */
const FAILURES_MAX = 6;

/** `projection list`: every read model of every service and how it is. */
export async function listProjectionsCommand(options: ProjectionOptions): Promise<ExitCode> {
  return withProjections(options, options.profile ?? findProfile(), async (clients) => {
    const services = await Promise.all(
      clients.map(async ({ service, projections }) => ({ service, ...(await projections.listProjections({})) })),
    );
    const listed = services.flatMap(({ service, projections }) => projections.map((each) => ({ ...each, service })));
    if (options.json === true) printJson(listed.map(({ $typeName: _type, ...each }) => each));
    else process.stdout.write(`${projectionTable(listed)}\n`);
    return 0;
  });
}

/** `projection rebuild <name>`: anew from the log, beside the live one. Leaving it does not end it. */
export async function rebuildProjectionCommand(name: string, options: ProjectionOptions): Promise<ExitCode> {
  return withProjections(options, options.profile ?? operatorProfile(), async (clients) => {
    const { service, projections } = await clientOf(clients, name);
    const last = await followed(projections.rebuildProjection({ name }, { deadlineMs: CALL_MS }), name);
    if (last?.progress?.phase !== 'switched') throw new Unreadable(`the rebuild of ${name} was not followed to its end`);
    const { total, eventsPerSecond } = last.progress;
    if (options.json === true) printJson({ service, name, records: total, eventsPerSecond, joined: last.joined });
    else process.stdout.write(`${plain(service)} ${plain(name)}: rebuilt from ${total} records of the log, and live\n`);
    return 0;
  });
}

/** `projection compare <name>`: row by row with what the log says. 0: the same, 1: differs. */
export async function compareProjectionCommand(name: string, options: ProjectionOptions): Promise<ExitCode> {
  return withProjections(options, options.profile ?? findProfile(), async (clients) => {
    const { service, projections } = await clientOf(clients, name);
    const last = await followed(projections.compareProjection({ name }, { deadlineMs: CALL_MS }), name);
    const comparison = last?.comparison;
    if (comparison === undefined) throw new Unreadable(`the comparison of ${name} has no result`);
    const holds = comparison.differing === 0n;
    if (options.json === true) {
      const { position, rows, differing, differences } = comparison;
      printJson({ service, name, holds, records: position, rows, differing, differences: differences.map(withoutTypeNames) });
    } else process.stdout.write(`${comparisonTable(`${service} ${name}`, comparison)}\n`);
    return holds ? 0 : 1;
  });
}

function withoutTypeNames({ table, key, kind, columns }: operationsV1.RowDifference): object {
  return { table, key, kind, columns: columns.map(({ column, live, rebuilt }) => ({ column, live, rebuilt })) };
}

interface Reported {
  readonly progress?: operationsV1.Progress;
}

/** Shows progress on a terminal and gives the last message. @throws Unreadable if the same failure is reported again and again */
async function followed<Message extends Reported>(messages: AsyncIterable<Message>, name: string): Promise<Message | undefined> {
  const show = process.stderr.isTTY ? (line: string) => process.stderr.write(`\r\u001b[K${line}`) : () => false;
  let last: Message | undefined;
  let failures = 0;
  try {
    for await (const message of messages) {
      failures = isStuck(message.progress, last?.progress) ? failures + 1 : 0;
      if (failures > FAILURES_MAX) throw stuckAt(name, message.progress);
      if (message.progress !== undefined) show(progressLine(name, message.progress));
      last = message;
    }
  } finally {
    show('');
  }
  return last;
}

function isStuck(progress: operationsV1.Progress | undefined, before: operationsV1.Progress | undefined): boolean {
  return progress !== undefined && progress.failure !== '' && progress.done === before?.done;
}

function stuckAt(name: string, progress: operationsV1.Progress | undefined): Unreadable {
  const where = `${name} stops at record ${progress?.done ?? 0}: ${progress?.failure ?? ''}`;
  return new Unreadable(`${where}; the service keeps trying, and what is live stays live`);
}

/** Beside the auditor's, where `npm start` writes it. */
function operatorProfile(): string {
  const own = path.join(path.dirname(findProfile()), OPERATOR_PROFILE_FILE);
  return existsSync(own) ? own : findProfile();
}

async function withProjections(
  { service }: ProjectionOptions,
  profileFile: string,
  use: (clients: readonly ProjectionClient[]) => Promise<ExitCode>,
): Promise<ExitCode> {
  const profile = readProfile(profileFile);
  const { clients, close } = connectProjections(profile, service);
  try {
    return await use(clients);
  } catch (error) {
    throw error instanceof CallError ? inWords(error, profileFile) : error;
  } finally {
    close();
  }
}

function inWords(error: CallError, profileFile: string): Error {
  switch (error.code) {
    case 'PERMISSION_DENIED':
      return new Unreadable(
        `the principal of ${profileFile} may not do this: an auditor lists and compares, an administrator of the operator rebuilds`,
      );
    case 'PROJECTION_UNKNOWN':
      return new Unreadable('no such read model: countersign projection list shows them');
    default:
      return error.statusName === 'UNAVAILABLE'
        ? new Unreadable(`a service of ${profileFile} does not answer, or does not now: ${error.message}`)
        : error;
  }
}
