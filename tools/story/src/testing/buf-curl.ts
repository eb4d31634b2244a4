import { execFile } from 'node:child_process';
import path from 'node:path';
import { REPOSITORY_ROOT } from '@countersign/stack';

export interface CurlAnswer {
  readonly exitCode: number;
  /** The response as JSON; the error as JSON if it was refused. */
  readonly body: Record<string, unknown>;
}

const BUF = path.join(REPOSITORY_ROOT, 'node_modules', '.bin', 'buf');

/** Calls a method with `buf curl`, which learns the contract from the server's reflection. @param folder for its cache */
export async function bufCurl(
  folder: string,
  address: string,
  method: string,
  data: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<CurlAnswer> {
  const asked = [
    '--data',
    JSON.stringify(data),
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
  ];
  const { exitCode, output } = await buf(folder, [...asked, `http://${address}/${method}`]);
  return { exitCode, body: JSON.parse(output) as Record<string, unknown> };
}

/** Every service that a server's reflection lists. */
export async function listServices(folder: string, address: string): Promise<readonly string[]> {
  const { output } = await buf(folder, ['--list-services', `http://${address}`]);
  return output.trim().split('\n');
}

function buf(folder: string, args: readonly string[]): Promise<{ exitCode: number; output: string }> {
  const env = { PATH: process.env['PATH'], HOME: folder, BUF_CACHE_DIR: folder };
  return new Promise((resolve) => {
    execFile(
      BUF,
      ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', ...args],
      { env, cwd: folder },
      (error, stdout, stderr) => {
        const exitCode = typeof error?.code === 'number' ? error.code : 0;
        resolve({ exitCode, output: stdout === '' ? stderr : stdout });
      },
    );
  });
}
