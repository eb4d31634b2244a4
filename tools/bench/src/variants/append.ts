import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';

export function measureAppend(options: VariantOptions): Promise<Measurement> {
  return Promise.reject(new Error(`not measured yet: ${options.variant}`));
}
