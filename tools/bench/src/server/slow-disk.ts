import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../bench-error.js';

const DELAY_US = 2_000;

/** Every way in which PostgreSQL waits for the disk, two milliseconds slower. */
const SOURCE = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
static int slowly(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  usleep(${DELAY_US});
  return real(fd);
}
int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
`;

export const HOW_TO_INSTALL_GCC = 'needs a C compiler on Linux: apt-get install -y gcc libc6-dev';

/** Whether the shim can be made here. */
export function hasCompiler(): boolean {
  return process.platform === 'linux' && spawnSync('gcc', ['--version']).status === 0;
}

/** Compiles the library that is preloaded into the server. @throws BenchError */
export function buildSlowDisk(home: string): string {
  mkdirSync(home, { recursive: true });
  const source = join(home, 'slow-disk.c');
  const library = join(home, 'slow-disk.so');
  writeFileSync(source, SOURCE);
  const built = spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], { encoding: 'utf8' });
  if (built.status !== 0) throw new BenchError(`gcc could not build the slow disk: ${built.stderr}`);
  return library;
}
