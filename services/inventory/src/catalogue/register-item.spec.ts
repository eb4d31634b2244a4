import { describe, expect, it } from '@jest/globals';
import { given, itemRegistered } from '../builders.js';
import { CATALOGUE_ITEM } from './catalogue-item.js';
import { registerItem, type RegisterItem } from './register-item.decider.js';

const COMMAND = itemRegistered().data as RegisterItem;

describe('an item', () => {
  it('is registered', () => {
    expect(registerItem(given(CATALOGUE_ITEM), COMMAND)).toEqual(itemRegistered());
  });

  it('is registered once', () => {
    expect(() => registerItem(given(CATALOGUE_ITEM, itemRegistered()), COMMAND)).toThrow(
      expect.objectContaining({ code: 'ITEM_EXISTS' }),
    );
  });
});
