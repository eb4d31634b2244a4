import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { evidenceV1 } from '@countersign/proto';
import { status as Code } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';

import { CallError, type CallFacts } from './call-error.js';
import type { CallOptions } from './client.js';
import type { FollowLimits } from './config.js';
import { followLog, type Interruption } from './follow-log.js';

type Play = (evidenceV1.SubscribeResponse | CallError | 'silence')[];
type Subscribable = Parameters<typeof followLog>[0];

const LIMITS: Partial<FollowLimits> = {
  pauseMs: 1,
  pauseMaxMs: 4,
  silenceMs: 20,
  heartbeatMs: 1,
  attemptsMax: 4,
  refusalsMax: 3,
};

function beat(next: bigint): evidenceV1.SubscribeResponse {
  const value = { nextPosition: next, headPosition: 9n, resumeToken: `token-${next}` };
  return create(evidenceV1.SubscribeResponseSchema, { message: { case: 'heartbeat', value } });
}

function failed(status: Code, facts: Partial<CallFacts> = {}): CallError {
  return new CallError('failed', { status, code: Code[status], violations: [], correlationId: 'c', ...facts });
}

/** A server that plays one list a call, and an endless silence where it says so. */
class Scripted {
  readonly starts: unknown[] = [];
  readonly options: (CallOptions | undefined)[] = [];
  constructor(private readonly plays: Play[]) {}

  readonly evidence = {
    subscribe: (request: MessageInitShape<typeof evidenceV1.SubscribeRequestSchema>, options?: CallOptions) => {
      this.starts.push(request.start?.value);
      this.options.push(options);
      return this.play(this.plays.shift() ?? [], options?.signal);
    },
  } as Subscribable;

  private async *play(messages: Play, signal?: AbortSignal): AsyncGenerator<evidenceV1.SubscribeResponse> {
    for (const message of messages) {
      await Promise.resolve();
      if (message instanceof CallError) throw message;
      if (message !== 'silence') yield message;
      else {
        await new Promise((resolve) => signal?.addEventListener('abort', resolve));
        throw failed(Code.CANCELLED);
      }
    }
  }
}

interface Outcome {
  readonly seen: bigint[];
  readonly starts: unknown[];
  readonly interruptions: Interruption[];
  readonly error: unknown;
}

async function follow(...plays: Play[]): Promise<Outcome> {
  const server = new Scripted(plays);
  const seen: bigint[] = [];
  const interruptions: Interruption[] = [];
  const onInterruption = (interruption: Interruption): void => void interruptions.push(interruption);
  const outcome = { seen, starts: server.starts, interruptions };
  try {
    const request = { start: { case: 'fromPosition', value: 5n } } as const;
    for await (const { message } of followLog(server.evidence, request, { limits: LIMITS, onInterruption }))
      if (message.case === 'heartbeat') seen.push(message.value.nextPosition);
    return { ...outcome, error: undefined };
  } catch (error) {
    return { ...outcome, error };
  }
}

describe('following a log', () => {
  it('ends when the server does', async () => {
    expect(await follow([beat(5n), beat(6n)])).toMatchObject({ seen: [5n, 6n], starts: [5n], error: undefined });
  });

  it.each([
    ['the service stops', failed(Code.UNAVAILABLE, { code: 'SERVICE_STOPPING' })],
    ['the token ends', failed(Code.UNAUTHENTICATED)],
    ['there are too many', failed(Code.RESOURCE_EXHAUSTED, { code: 'SUBSCRIPTIONS_EXHAUSTED' })],
    ['the connection is reset', failed(Code.RESOURCE_EXHAUSTED)],
    ['the connection is cut', failed(Code.INTERNAL)],
    ['the connection is cut otherwise', failed(Code.CANCELLED)],
  ])('goes on with the last token when %s', async (_name, error) => {
    const { seen, starts, interruptions } = await follow([beat(5n), beat(6n), error], [error], [beat(7n)]);
    expect({ seen, starts }).toEqual({ seen: [5n, 6n, 7n], starts: [5n, 'token-6', 'token-6'] });
    expect(interruptions.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it.each([
    ['the request is wrong', failed(Code.INVALID_ARGUMENT, { code: 'RESUME_TOKEN_INVALID' })],
    ['the log was rewound', failed(Code.DATA_LOSS, { code: 'LOG_REWOUND', errorId: 'e' })],
    ['nothing is there', failed(Code.UNIMPLEMENTED, { code: 'METHOD_UNKNOWN' })],
    ['the service has a bug', failed(Code.INTERNAL, { errorId: 'e' })],
    ['a message is too large', failed(Code.RESOURCE_EXHAUSTED, { code: 'MESSAGE_TOO_LARGE' })],
    ['something else threw', new Error('bug') as CallError],
  ])('gives up when %s', async (_name, error) => {
    const play = error instanceof CallError ? [error] : [];
    if (error instanceof CallError) expect(await follow(play)).toMatchObject({ starts: [5n], error });
    else {
      const evidence = {
        subscribe: () => {
          throw error;
        },
      } as unknown as Subscribable;
      await expect(followLog(evidence, {}).next()).rejects.toBe(error);
    }
  });

  it('gives up after so many failures in a row, sooner where the token is refused', async () => {
    const down = failed(Code.UNAVAILABLE);
    expect(await follow([down], [down], [beat(6n), down], [down], [down], [down])).toMatchObject({
      seen: [6n],
      error: down,
      starts: [5n, 5n, 5n, 'token-6', 'token-6', 'token-6'],
    });
    const refused = failed(Code.UNAUTHENTICATED);
    expect((await follow([refused], [refused], [refused])).starts).toHaveLength(3);
  });

  it('waits as long as it is told, at least', async () => {
    const { interruptions } = await follow([failed(Code.RESOURCE_EXHAUSTED, { retryDelayMs: 30 })], []);
    expect(interruptions[0]?.delayMs).toBe(30);
  });

  it('takes silence for a dead connection, but not the time that its own reader takes', async () => {
    const { seen, starts } = await follow([beat(5n), 'silence'], [beat(6n)]);
    expect({ seen, starts }).toEqual({ seen: [5n, 6n], starts: [5n, 'token-5'] });
    const server = new Scripted([[beat(5n), beat(6n)]]);
    for await (const _ of followLog(server.evidence, {}, { limits: LIMITS }))
      await new Promise((resolve) => setTimeout(resolve, 60));
    expect(server.starts).toHaveLength(1);
  });

  it('ends when it is told to, while it listens and while it waits', async () => {
    for (const play of [['silence'], [failed(Code.UNAVAILABLE, { retryDelayMs: 60_000 })]] satisfies Play[]) {
      const ending = new AbortController();
      setTimeout(() => ending.abort(), 20);
      const limits = { ...LIMITS, silenceMs: 60_000 };
      for await (const _ of followLog(new Scripted([play]).evidence, {}, { signal: ending.signal, limits }))
        throw new Error('no message');
    }
    const over = AbortSignal.abort();
    const server = new Scripted([[beat(1n)]]);
    for await (const _ of followLog(server.evidence, {}, { signal: over })) throw new Error('no message');
    expect(server.starts).toEqual([]);
  });

  it('sets no deadline', async () => {
    const server = new Scripted([[beat(1n)]]);
    for await (const _ of followLog(server.evidence, {})) expect(server.options[0]?.deadlineMs).toBe(Infinity);
  });
});
