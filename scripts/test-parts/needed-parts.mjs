import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Words by which a package's sources show that its tests use a part. */
const SIGNS = {
  postgres: /COUNTERSIGN_TEST_POSTGRES_URL|createTestDatabase|postgresUrl/,
  kafka: /COUNTERSIGN_TEST_KAFKA_BROKERS|kafkaBrokers/,
  chain: /COUNTERSIGN_TEST_CHAIN_RPC_URL|chainRpcUrl/,
};
/** Endings of the tiers whose tests use real parts. */
const TIERS = { default: '{int,component,e2e}', long: 'long' };

/** Which parts the test files of this run need; none if only pure ones were chosen. */
export function neededParts(globalConfig) {
  if (process.env.COUNTERSIGN_TEST_TIER === 'unit') return new Set();
  const tiers = TIERS[process.env.COUNTERSIGN_TEST_TIER] ?? TIERS.default;
  const files = globSync(`{libs,services,tools,contracts}/*/src/**/*.${tiers}.spec.ts`, { cwd: globalConfig.rootDir });
  const chosen = files.filter((file) => isChosen(join(globalConfig.rootDir, file), globalConfig));
  const packages = new Set(chosen.map((file) => file.split('/').slice(0, 2).join('/')));
  return new Set([...packages].flatMap((path) => partsOfPackage(join(globalConfig.rootDir, path))));
}

function isChosen(path, { testPathPatterns, nonFlagArgs, runTestsByPath }) {
  if (runTestsByPath) return nonFlagArgs.some((argument) => path.endsWith(argument));
  const patterns = testPathPatterns?.patterns ?? [];
  return patterns.length === 0 || patterns.some((pattern) => new RegExp(pattern, 'i').test(path));
}

function partsOfPackage(path) {
  const text = globSync('src/**/*.ts', { cwd: path })
    .map((file) => readFileSync(join(path, file), 'utf8'))
    .join('\n');
  return Object.entries(SIGNS)
    .filter(([, sign]) => sign.test(text))
    .map(([part]) => part);
}
