import { FORK_PROOF_BYTES_MAX } from '@countersign/merkle';
import { Unreadable } from '@countersign/verifier';
import { z } from 'zod';

const REPLY_MS_MAX = 10_000;
/** A witness keeps some hundreds of small proofs. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;

const forks = z.array(z.object({ origin: z.string(), forkProof: z.string().max(FORK_PROOF_BYTES_MAX) }));

/**
 * The first fork proof that a witness holds of a log, or of any; undefined if it holds none. It proves nothing yet.
 *
 * @throws Unreadable if the witness does not answer as one
 */
export async function fetchForkProof(address: string, origin: string | undefined): Promise<string | undefined> {
  const query = origin === undefined ? '' : `?origin=${encodeURIComponent(origin)}`;
  let value: unknown;
  try {
    const response = await fetch(`${address.replace(/\/+$/, '')}/forks${query}`, { signal: AbortSignal.timeout(REPLY_MS_MAX) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    value = JSON.parse(await textOf(response));
  } catch (error) {
    throw new Unreadable('the witness does not answer as one', { cause: error });
  }
  const parsed = forks.safeParse(value);
  if (!parsed.success) throw new Unreadable('the witness does not answer as one', { cause: parsed.error });
  return parsed.data.find((fork) => origin === undefined || fork.origin === origin)?.forkProof;
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > REPLY_BYTES_MAX) throw new Error('too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
