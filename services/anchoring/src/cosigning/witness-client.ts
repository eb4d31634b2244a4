import { DomainError } from '@countersign/kernel';
import { LIMITS } from '../config.js';

/** What a witness answered to `add-checkpoint` (C2SP tlog-witness). Nothing in it is verified yet. */
export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly lines: string }
  /** The size of the latest head that it cosigned. */
  | { readonly kind: 'conflict'; readonly size: number }
  /** It does not accept our proof. */
  | { readonly kind: 'unproven' }
  /** It does not know this log or its key, or cannot read what we send. */
  | { readonly kind: 'refused'; readonly status: number };

export interface WitnessClient {
  /** @throws DomainError DEPENDENCY_UNAVAILABLE: no answer, or none that can be understood; it may have cosigned */
  addCheckpoint(url: string, body: string): Promise<WitnessAnswer>;
}

/** The client over HTTP. Follows no redirection: a witness is where the policy says. */
export const httpWitnessClient: WitnessClient = {
  addCheckpoint: async (url, body) => {
    try {
      const response = await fetch(`${url}/add-checkpoint`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        redirect: 'error',
        signal: AbortSignal.timeout(LIMITS.witnessReplyMs),
      });
      return answerOf(response.status, response.headers.get('content-type'), await bodyOf(response));
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw unavailable('does not answer', error);
    }
  },
};

function answerOf(status: number, type: string | null, text: string): WitnessAnswer {
  switch (status) {
    case 200:
      return { kind: 'cosigned', lines: text };
    case 409:
      return { kind: 'conflict', size: sizeOf(type, text) };
    case 422:
      return { kind: 'unproven' };
    case 400:
    case 403:
    case 404:
    case 413:
      return { kind: 'refused', status };
    default:
      throw unavailable(`answers with status ${status}`);
  }
}

function sizeOf(type: string | null, text: string): number {
  const [, digits] = /^(0|[1-9][0-9]{0,15})\n$/.exec(text) ?? [];
  if (type?.split(';')[0]?.trim() !== 'text/x.tlog.size' || digits === undefined || !Number.isSafeInteger(Number(digits)))
    throw unavailable('tells no size');
  return Number(digits);
}

async function bodyOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > LIMITS.witnessReplyBytesMax) throw unavailable('answers without end');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function unavailable(rule: string, cause?: unknown): DomainError {
  return new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'witness', rule }, { cause });
}
