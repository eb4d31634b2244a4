import { describe, expect, it } from '@jest/globals';
import { newClusterId } from './kafka-settings.js';

describe('a new cluster id', () => {
  it('is 16 bytes, and never begins like an option of a command', () => {
    const drawn = [Buffer.alloc(16, 0xfb), Buffer.alloc(16, 0xf8), Buffer.alloc(16, 0x01)];
    expect(newClusterId(() => drawn.shift() ?? Buffer.alloc(16))).toBe(Buffer.alloc(16, 0x01).toString('base64url'));
    expect(Buffer.from(newClusterId(), 'base64url')).toHaveLength(16);
  });
});
