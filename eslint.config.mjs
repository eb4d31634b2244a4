import nx from '@nx/eslint-plugin';
import parser from '@typescript-eslint/parser';

/** ESLint runs one rule only: which package may import which (design §8). Everything else is oxlint's. */
const layers = {
  'layer:pure': ['layer:pure'],
  'layer:contract': ['layer:pure', 'layer:contract'],
  'layer:platform': ['layer:pure', 'layer:contract', 'layer:platform'],
  'layer:service': ['layer:pure', 'layer:contract', 'layer:platform'],
  'layer:tool': ['layer:pure', 'layer:contract', 'layer:platform', 'layer:tool'],
};

/** The pure layer is what a stranger must be able to read alone: no framework, no driver, no network client. */
const frameworks = ['@nestjs/*', 'typeorm', 'pg', 'kafkajs', '@grpc/*', 'rxjs', 'viem', 'fastify', 'pino', '@bufbuild/*', 'jose'];

const boundaries = (constraints) => [
  'error',
  { enforceBuildableLibDependency: false, banTransitiveDependencies: false, allow: [], depConstraints: constraints },
];

const constraints = Object.entries(layers).map(([sourceTag, onlyDependOnLibsWithTags]) => ({
  sourceTag,
  onlyDependOnLibsWithTags,
  ...(sourceTag === 'layer:pure' ? { bannedExternalImports: frameworks } : {}),
}));

/** Tests and what only tests import may also use the test harness, whatever their layer. */
const testConstraints = constraints.map((constraint) => ({
  ...constraint,
  onlyDependOnLibsWithTags: [...constraint.onlyDependOnLibsWithTags, 'layer:tool', 'layer:contract'],
}));

export default [
  { ignores: ['**/dist/**', 'libs/proto/src/gen/**'] },
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    languageOptions: { parser },
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    rules: { '@nx/enforce-module-boundaries': boundaries(constraints) },
  },
  {
    files: ['**/*.spec.ts', '**/*-fixture.ts', '**/testing/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(testConstraints) },
  },
];
