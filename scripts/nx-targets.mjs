import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Nx plugin: every workspace package with a tsconfig.json gets the same two targets (their options stand in nx.json),
 * so that no package.json has to repeat them.
 */
export const createNodesV2 = [
  '{libs,services,tools,contracts}/*/package.json',
  (files, _options, { workspaceRoot }) =>
    files.map((file) => {
      const root = dirname(file);
      if (!existsSync(join(workspaceRoot, root, 'tsconfig.json'))) return [file, {}];
      const { name } = JSON.parse(readFileSync(join(workspaceRoot, file), 'utf8'));
      return [file, { projects: { [root]: { name, root, targets: { build: {}, boundaries: {} } } } }];
    }),
];
