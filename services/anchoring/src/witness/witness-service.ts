import type { HttpServiceDefinition } from '@countersign/host';
import { WITNESS_LIMITS } from './config.js';
import { WitnessModule } from './witness.module.js';

/** Anchoring in witness mode: a process of another organisation than the one whose logs it follows, with a database of its own. */
export const WITNESS: HttpServiceDefinition = {
  name: 'witness',
  module: WitnessModule,
  bodyBytesMax: WITNESS_LIMITS.bodyBytesMax,
  databaseConnectionsMax: WITNESS_LIMITS.databaseConnectionsMax,
};
