import type { MeasureVariant } from './variant.js';

/** Every variant that is a Node process, by name; loaded only in its own process. */
export const VARIANTS: Readonly<Record<string, () => Promise<MeasureVariant>>> = {
  append: async () => (await import('./variants/append.js')).measureAppend,
};
