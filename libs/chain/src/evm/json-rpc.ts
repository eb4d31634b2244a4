import { DomainError } from '@countersign/kernel';

/** One JSON-RPC call. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** The node's own refusal of one call, in contrast to a reply that makes no sense. */
export interface RpcRefusal {
  readonly code: number;
  readonly message: string;
}

export type RpcReply = { readonly result: unknown } | { readonly refusal: RpcRefusal };

export interface JsonRpcOptions {
  readonly url: string;
  /** Milliseconds for one request with its whole body. */
  readonly timeoutMs: number;
}

/** A reply of a node is small; anything larger is not read to its end. */
const REPLY_BYTES_MAX = 4 * 1024 * 1024;

/** Sends calls as one JSON-RPC batch; replies are in call order. @throws DomainError DEPENDENCY_UNAVAILABLE */
export type SendBatch = (calls: readonly RpcCall[]) => Promise<RpcReply[]>;

/**
 * A strict JSON-RPC 2.0 client over HTTP. It believes a reply only if there is exactly one for every call, with the call's
 * id and either a result or an error. It never retries: whoever calls knows what a repeat would mean.
 */
export function createJsonRpc(options: JsonRpcOptions): SendBatch {
  let lastId = 0;
  return async (calls) => {
    const firstId = lastId + 1;
    lastId += calls.length;
    const requests = calls.map(({ method, params }, index) => ({ jsonrpc: '2.0', id: firstId + index, method, params }));
    const replies = parseJson(await post(options, JSON.stringify(requests)));
    if (!Array.isArray(replies) || replies.length !== calls.length)
      throw unavailable('the node did not answer every call of a batch');
    return inCallOrder(replies, firstId);
  };
}

/** What does not look like an answer of the chain is no answer. */
export function unavailable(rule: string, cause?: unknown): DomainError {
  return new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'chain', rule }, { cause });
}

async function post({ url, timeoutMs }: JsonRpcOptions, body: string): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal });
    const text = await readLimited(response);
    if (!response.ok) throw unavailable('the node answered with an HTTP error');
    return text;
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw unavailable('the node does not answer', error);
  }
}

async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > REPLY_BYTES_MAX) throw unavailable('the reply is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unavailable('the reply is not JSON', error);
  }
}

/** Servers may answer a batch in any order (JSON-RPC 2.0 section 6). */
function inCallOrder(replies: readonly unknown[], firstId: number): RpcReply[] {
  const byId = new Map<unknown, RpcReply>();
  for (const reply of replies) {
    if (!isRecord(reply) || reply['jsonrpc'] !== '2.0') throw unavailable('the reply is not JSON-RPC 2.0');
    byId.set(reply['id'], parseReply(reply));
  }
  return replies.map((_, index) => {
    const reply = byId.get(firstId + index);
    if (reply === undefined) throw unavailable('the reply has another id');
    return reply;
  });
}

function parseReply(reply: Readonly<Record<string, unknown>>): RpcReply {
  const refusal = reply['error'];
  if (refusal === undefined || refusal === null) {
    if (!('result' in reply)) throw unavailable('the reply has neither result nor error');
    return { result: reply['result'] };
  }
  if (!isRecord(refusal) || typeof refusal['code'] !== 'number' || typeof refusal['message'] !== 'string') {
    throw unavailable('the error in the reply is malformed');
  }
  return { refusal: { code: refusal['code'], message: refusal['message'] } };
}

/** A JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
