import { describe, expect, it } from '@jest/globals';

import { cachedTokens, type IssuedToken } from './token-source.js';

interface Source {
  issued: number;
  nowMs: number;
  answer: () => Promise<IssuedToken>;
  readonly tokens: ReturnType<typeof cachedTokens>;
}

function source(): Source {
  const tokens = cachedTokens(
    () => {
      state.issued += 1;
      return state.answer();
    },
    () => state.nowMs,
  );
  const state: Source = {
    issued: 0,
    nowMs: 0,
    answer: () => Promise.resolve({ accessToken: `token-${state.issued}`, lifetimeSeconds: 100 }),
    tokens,
  };
  return state;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('cached tokens', () => {
  it('are asked for once, however many callers wait', async () => {
    const state = source();
    expect(await Promise.all([1, 2, 3].map(() => state.tokens.token()))).toEqual(['token-1', 'token-1', 'token-1']);
    expect(state.issued).toBe(1);
  });

  it('are renewed before they expire, while the old one is used', async () => {
    const state = source();
    await state.tokens.token();
    state.nowMs = 74_000;
    expect(await state.tokens.token()).toBe('token-1');
    expect(state.issued).toBe(1);
    state.nowMs = 76_000;
    expect(await state.tokens.token()).toBe('token-1');
    await settled();
    expect(await state.tokens.token()).toBe('token-2');
    expect(state.issued).toBe(2);
  });

  it('outlive a failing renewal, but not their expiry', async () => {
    const state = source();
    await state.tokens.token();
    state.answer = () => Promise.reject(new Error('identity is down'));
    state.nowMs = 80_000;
    expect(await state.tokens.token()).toBe('token-1');
    await settled();
    state.nowMs = 100_000;
    await expect(state.tokens.token()).rejects.toThrow('identity is down');
    state.answer = () => Promise.resolve({ accessToken: 'again', lifetimeSeconds: 100 });
    expect(await state.tokens.token()).toBe('again');
  });

  it('are dropped when a server refused them', async () => {
    const state = source();
    await state.tokens.token();
    state.tokens.forget();
    expect(await state.tokens.token()).toBe('token-2');
  });
});
