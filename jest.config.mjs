import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Tests import workspace packages by name and run their TypeScript sources: no build is needed to run a test.
 * Needs Node >= 24 and `node --experimental-vm-modules` (ESM); `npm test` sees to both.
 */
const root = import.meta.dirname;
if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(
    'Jest needs Node 24: use npm test, or PATH="$PWD/node_modules/.bin:$PATH" node --experimental-vm-modules node_modules/jest/bin/jest.js',
  );
}

const packages = ['libs', 'services', 'tools', 'contracts']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((path) => existsSync(join(root, path, 'package.json')))
  .map((path) => ({ path, name: JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).name }));

/** COUNTERSIGN_TEST_TIER: `unit` leaves out the tiers that need real parts, `long` runs the long suites and nothing else. */
const tier = process.env['COUNTERSIGN_TEST_TIER'];
const leftOut = { unit: ['\\.(int|component|e2e|long)\\.spec\\.ts$'], long: [] }[tier] ?? ['\\.long\\.spec\\.ts$'];

export default {
  testEnvironment: 'node',
  roots: packages.map(({ path }) => `<rootDir>/${path}`),
  modulePathIgnorePatterns: packages.map(({ path }) => `<rootDir>/${path}/dist/`),
  testPathIgnorePatterns: ['/node_modules/', ...leftOut],
  testMatch: [tier === 'long' ? '**/*.long.spec.ts' : '**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  coverageProvider: 'v8',
  testTimeout: 15_000,
  testSequencer: '<rootDir>/scripts/longest-first.mjs',
  maxWorkers: 2,
  // Modules of finished suites stay in a worker's memory; it is replaced before that adds up.
  workerIdleMemoryLimit: '900MB',
  globalSetup: '<rootDir>/scripts/test-parts/global-setup.mjs',
  globalTeardown: '<rootDir>/scripts/test-parts/global-teardown.mjs',
  moduleNameMapper: {
    ...Object.fromEntries(packages.map(({ name, path }) => [`^${name}$`, `<rootDir>/${path}/src/index.ts`])),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
      },
    ],
  },
};
