import { DONE, outcomeOf, WAIT, type IncomingMessage, type Outcome } from '@countersign/kafka';

import { factAddress, type FactAddress } from './fact.js';
import type { InboxProgress } from './inbox-progress.js';

/** Returned by a handler that found a fact to be none of its business: the fact is passed by. */
export const IGNORED = Symbol('ignored');

export interface LaneWork {
  readonly inbox: InboxProgress;
  /** Types that are not in here are passed by without being read. */
  isHandled(type: string): boolean;
  /** Handles one fact; may throw. Never called for two facts of one lane at once. */
  handle(message: IncomingMessage, address: FactAddress): Promise<Outcome | typeof IGNORED>;
  readonly atOnce: number;
}

interface Step {
  readonly message: IncomingMessage;
  /** A fact's place in its subject, or why the message is none. */
  readonly address: FactAddress | Outcome;
  /** Decided while it was handled. */
  ignored: boolean;
  outcome: Outcome | undefined;
}

/**
 * Works through the facts of one partition: in the order of their sequence within a stream's lane, side by side across lanes. Ignored facts of all lanes are
 * passed by in one statement a round. A fact that must wait or failed stops its lane; the rest of the lane gets the same outcome.
 */
export async function workLanes(messages: readonly IncomingMessage[], work: LaneWork): Promise<readonly Outcome[]> {
  const steps = messages.map((message): Step => ({ message, address: addressOf(message), ignored: false, outcome: undefined }));
  let lanes = lanesOf(steps);
  while (lanes.length > 0) {
    await passIgnored(lanes, work);
    lanes = lanes.filter((lane) => goesOn(lane));
    await handleHeads(lanes, work);
    lanes = lanes.filter((lane) => goesOn(lane));
  }
  return steps.map(({ outcome }) => outcome ?? WAIT);
}

function addressOf(message: IncomingMessage): FactAddress | Outcome {
  try {
    return factAddress(message);
  } catch (error) {
    return outcomeOf(error);
  }
}

/** By record key, which is the item key: one stream, one lane. */
function lanesOf(steps: readonly Step[]): Step[][] {
  const lanes = new Map<string, Step[]>();
  for (const step of steps) {
    const key = step.message.key?.toString('latin1') ?? `offset ${step.message.offset}`;
    const lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, [step]);
    else lane.push(step);
  }
  for (const lane of lanes.values()) lane.sort((one, other) => Number(sequenceOf(one) - sequenceOf(other)));
  return [...lanes.values()];
}

/** A fact says itself where it belongs: one that was overtaken is taken first, though it stands behind. What is no fact comes first of all. */
function sequenceOf({ address }: Step): bigint {
  return 'kind' in address ? -1n : address.sequence;
}

/** Drops what is settled from the head; at a fact that is not, the whole lane stops. True if something is left to do. */
function goesOn(lane: Step[]): boolean {
  while (lane[0]?.outcome?.kind === 'done' || lane[0]?.outcome?.kind === 'reject') lane.shift();
  const stop = lane[0]?.outcome;
  if (stop === undefined) return lane.length > 0;
  lane.forEach((step) => (step.outcome = stop));
  return false;
}

async function passIgnored(lanes: readonly Step[][], work: LaneWork): Promise<void> {
  const ignored = lanes.flatMap((lane) => {
    const end = lane.findIndex((step) => !isIgnored(step, work));
    return end === -1 ? lane : lane.slice(0, end);
  });
  const addresses = ignored.map(({ address }) => address as FactAddress);
  const passages = await work.inbox.pass(addresses).catch((error: unknown) => outcomeOf(error));
  ignored.forEach((step, index) => {
    step.outcome = 'kind' in passages ? passages : passages[index] === 'gap' ? WAIT : DONE;
  });
}

function isIgnored({ address, ignored }: Step, work: LaneWork): boolean {
  return ignored || (!('kind' in address) && !work.isHandled(address.type));
}

async function handleHeads(lanes: readonly Step[][], work: LaneWork): Promise<void> {
  const heads = lanes.flatMap(([head]) => (head === undefined ? [] : [head]));
  const handleNext = async (): Promise<void> => {
    for (let step = heads.shift(); step !== undefined; step = heads.shift()) await handleStep(step, work);
  };
  await Promise.all(Array.from({ length: Math.min(work.atOnce, heads.length) }, handleNext));
}

async function handleStep(step: Step, work: LaneWork): Promise<void> {
  if ('kind' in step.address) {
    step.outcome = step.address;
    return;
  }
  try {
    const outcome = await work.handle(step.message, step.address);
    if (outcome === IGNORED) step.ignored = true;
    else step.outcome = outcome;
  } catch (error) {
    step.outcome = outcomeOf(error);
  }
}
