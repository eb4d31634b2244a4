/**
 * `node --import ./scripts/typescript-hooks.mjs file.ts` runs TypeScript sources of this repository without a build:
 * swc turns them into JavaScript, `./x.js` finds `./x.ts`, and `@countersign/*` finds its sources.
 * For tests and development only; what ships is built by tsc.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = new Map(
  ['libs', 'services', 'tools', 'contracts']
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
    .filter((path) => existsSync(join(path, 'package.json')))
    .map((path) => [
      JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')).name,
      pathToFileURL(join(path, 'src', 'index.ts')).href,
    ]),
);

const SWC = {
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

registerHooks({
  resolve(specifier, context, next) {
    if (sources.has(specifier)) return { url: sources.get(specifier), format: 'module', shortCircuit: true };
    if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
      const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true };
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { ...SWC, filename });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
