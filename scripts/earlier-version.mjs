import { spawnSync } from 'node:child_process';

/**
 * What contracts are compared with: the latest release (its tag), or, before the first release, the previous commit.
 * Undefined if there is neither, or if that version has no such path yet.
 */
export function earlierVersion(folder, path) {
  const reference = ask(folder, ['describe', '--tags', '--abbrev=0', 'HEAD~1']) ?? ask(folder, ['rev-parse', 'HEAD~1']);
  const hasPath = reference !== undefined && ask(folder, ['ls-tree', '--name-only', reference, path]) !== undefined;
  return hasPath ? reference : undefined;
}

function ask(folder, args) {
  const { status, stdout } = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
  const text = status === 0 ? stdout.trim() : '';
  return text === '' ? undefined : text;
}
