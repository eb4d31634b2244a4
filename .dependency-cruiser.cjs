/**
 * The layers of the design as rules (Nx sees packages; this sees files).
 * Test files may reach for the test harness; the rules about production code leave them out.
 */
const SPEC = '\\.spec\\.ts$';
const PURE = '^libs/(kernel|record|merkle|verifier)/src/';
const FRAMEWORKS = 'node_modules/(@nestjs|typeorm|pg|kafkajs|@grpc|rxjs|viem|fastify|pino|@bufbuild|jose|@opentelemetry)(/|$)';

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Files form a hierarchy.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'decider-is-pure',
      comment: 'A decider runs code of the kernel and of its own aggregate, nothing else.',
      severity: 'error',
      from: { path: '^(services/[^/]+/src/[^/]+)/[^/]+\\.decider\\.ts$' },
      to: { pathNot: ['^libs/kernel/src/', '^$1/'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'decider-knows-own-service',
      comment: 'The state of a neighbouring aggregate is an argument: its type may be named, inside the same service only.',
      severity: 'error',
      from: { path: '^(services/[^/]+/src)/[^/]+/[^/]+\\.decider\\.ts$' },
      to: { pathNot: ['^libs/kernel/src/', '^$1/'] },
    },
    {
      name: 'decider-reaches-no-framework',
      comment: 'Not even through the files that it imports.',
      severity: 'error',
      from: { path: '\\.decider\\.ts$' },
      to: { path: FRAMEWORKS, reachable: true },
    },
    {
      name: 'pure-imports-no-framework',
      comment: 'Who checks evidence has to read these four packages and nothing beside them but three small libraries.',
      severity: 'error',
      from: { path: PURE, pathNot: SPEC },
      to: { path: 'node_modules/', pathNot: 'node_modules/(canonicalize|uuid|zod)/' },
    },
    {
      name: 'pure-touches-no-system',
      comment: 'No file, no process, no network: the verifier gets bytes and gives a report.',
      severity: 'error',
      from: { path: PURE, pathNot: SPEC },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer)$' },
    },
    {
      name: 'pure-stays-below',
      comment: 'Pure packages import pure packages only.',
      severity: 'error',
      from: { path: PURE, pathNot: SPEC },
      to: { path: '^(libs|services|tools|contracts)/', pathNot: PURE },
    },
    {
      name: 'service-imports-no-service',
      comment: 'Services meet at their contracts: gRPC and Kafka.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'libs-stay-below-services',
      comment: 'No arrow goes up.',
      severity: 'error',
      from: { path: '^(libs|contracts)/', pathNot: ['^libs/testing/', SPEC] },
      to: { path: '^(services|tools|libs/testing)/' },
    },
    {
      name: 'tools-use-public-doors',
      comment: 'Tools speak gRPC and Kafka; they never call a function of a service.',
      severity: 'error',
      from: { path: '^tools/' },
      to: { path: '^services/' },
    },
    {
      name: 'harness-only-in-tests',
      comment: 'What ships does not depend on the test harness or on a test.',
      severity: 'error',
      from: { pathNot: [SPEC, '^libs/testing/', '(^|/)testing/', '[-.]contract\\.ts$', '-fixture\\.ts$', 'harness\\.ts$'] },
      to: { path: ['^libs/testing/', SPEC] },
    },
    {
      name: 'no-unresolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/|/gen/.*_pb\\.ts$' },
    moduleSystems: ['es6', 'cjs'],
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default', 'require'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
    },
  },
};
