import { meetsQuorum, type WitnessPolicy } from '@countersign/merkle';
import { gauge, type Logger } from '@countersign/observability';
import { LIMITS } from '../config.js';
import type { TreeLog } from '../log/known-log.js';
import type { LiveLog } from '../log/live-log.js';
import type { ProofBuilder } from '../proofs/proof-builder.js';
import { startLoop, type Loop, type Rest } from '../run-loop.js';
import type { Cosignature, CosignatureStore, CosignedSize } from '../storage/cosignature-store.js';
import type { TreeStore } from '../storage/stores.js';
import { askedWitnesses } from './asked-witness.js';
import type { WitnessClient } from './witness-client.js';
import { WitnessFeeder } from './witness-feeder.js';

export interface CosigningParts {
  readonly policy: WitnessPolicy;
  readonly client: WitnessClient;
  readonly proofs: Pick<ProofBuilder, 'proveConsistency'>;
  readonly trees: Pick<TreeStore, 'checkpointAt'>;
  readonly cosignatures: CosignatureStore;
  readonly logger: Logger;
}

export interface Cosigning {
  /** There is a head of this log to send. */
  wake(live: LiveLog<TreeLog>): void;
  stop(): Promise<void>;
}

/** One loop for each log and witness, so that one that hangs holds up nothing but itself. */
export function startCosigning(lives: readonly LiveLog<TreeLog>[], parts: CosigningParts): Cosigning {
  const loops = new Map<LiveLog<TreeLog>, Loop[]>();
  const atStart: Loop[] = [];
  const ends: (() => void)[] = [];
  for (const live of lives) {
    const onCosigned = async (size: number): Promise<void> =>
      noteWitnessed(live, parts.policy, [{ size, cosignatures: await parts.cosignatures.at(live.log.logNo, size) }]);
    ends.push(gauge('witnessedSize', () => live.witnessed, { log: live.log.origin }));
    const own = askedWitnesses(parts.policy).map((witness) => {
      const feeder = new WitnessFeeder(live, witness, { ...parts, onCosigned });
      const attributes = { log: live.log.origin, witness: witness.name };
      ends.push(gauge('witnessLag', () => Math.max(0, live.head.size - feeder.cosigned), attributes));
      return startLoop(`witness-${witness.name}`, () => feeder.step(), parts.logger);
    });
    loops.set(live, own);
    atStart.push(startLoop('witnessed-head', () => readWitnessed(live, parts), parts.logger));
  }
  return {
    wake: (live) => loops.get(live)?.forEach((loop) => loop.wake()),
    stop: async () => {
      ends.forEach((end) => end());
      await Promise.all([...atStart, ...[...loops.values()].flat()].map((loop) => loop.stop()));
    },
  };
}

/** After a start the store says what is witnessed; once that is read, there is nothing left to do. */
async function readWitnessed(live: LiveLog<TreeLog>, { policy, cosignatures }: CosigningParts): Promise<Rest> {
  noteWitnessed(live, policy, await cosignatures.latest(live.log.logNo, LIMITS.witnessedSearchMax));
  return { ms: LIMITS.endlessMs, wakeable: false };
}

/** Notes the largest of these checkpoints that meets the quorum. */
function noteWitnessed(live: LiveLog<TreeLog>, policy: WitnessPolicy, candidates: readonly CosignedSize[]): void {
  const met = candidates.filter(({ cosignatures }) => meetsQuorum(policy, witnessesOf(policy, cosignatures)));
  live.witnessed = Math.max(live.witnessed, ...met.map(({ size }) => size));
}

/** By the policy's names. */
function witnessesOf({ witnesses }: WitnessPolicy, cosignatures: readonly Cosignature[]): ReadonlySet<string> {
  const signed = witnesses.filter(({ key }) => cosignatures.some(({ name, keyId }) => name === key.name && keyId === key.id));
  return new Set(signed.map(({ name }) => name));
}
