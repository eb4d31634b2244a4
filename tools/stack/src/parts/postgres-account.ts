import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StackError } from '../stack-error.js';

/** How PostgreSQL, which refuses to run as root, is run when we are root. */
export interface ServerAccount {
  /** Undefined when we are not root: it runs as ourselves. */
  readonly ids?: { readonly uid: number; readonly gid: number };
  /** Turns a command into one that runs as that account and can enter the given directories. */
  wrap(
    command: string,
    args: readonly string[],
  ): { readonly command: string; readonly args: readonly string[]; readonly uid?: number; readonly gid?: number };
}

/** Accounts that exist already, best first; none is ever created. */
const ACCOUNTS = ['postgres', 'nobody'];

/**
 * @param directories what the server must be able to enter: its binaries and its data
 * @throws StackError when root has no other account to run it under
 */
export function serverAccount(directories: readonly string[]): ServerAccount {
  if (process.getuid?.() !== 0) return { wrap: (command, args) => ({ command, args }) };
  const account = ACCOUNTS.map(findAccount).find((found) => found !== undefined);
  if (account === undefined) {
    throw new StackError(
      'PostgreSQL cannot run as root and there is no account postgres or nobody: run as another user, or set COUNTERSIGN_POSTGRES_URL',
    );
  }
  if (directories.every((directory) => canEnter(directory, account))) {
    return { ids: account, wrap: (command, args) => ({ command, args, ...account }) };
  }
  return {
    ids: account,
    wrap: (command, args) => ({ command: 'setpriv', args: [...readAnyDirectory(account), command, ...args] }),
  };
}

/**
 * A clone under a directory that only root may enter (/root, mktemp -d): the server gets the one capability to pass
 * through directories and read files, and no other. `no_setuid_fixup` keeps it in force for access(2), by which
 * PostgreSQL looks for its own programs.
 */
function readAnyDirectory({ uid, gid }: { uid: number; gid: number }): readonly string[] {
  const only = '-all,+dac_read_search';
  return [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--securebits=+no_setuid_fixup',
    `--inh-caps=${only}`,
    `--ambient-caps=${only}`,
    `--bounding-set=${only}`,
  ];
}

function findAccount(name: string): { uid: number; gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

function canEnter(directory: string, { uid, gid }: { uid: number; gid: number }): boolean {
  const { mode, uid: owner, gid: group } = statSync(directory);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  return directory === dirname(directory) || canEnter(dirname(directory), { uid, gid });
}
