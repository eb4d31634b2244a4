import fc from 'fast-check';
import type { Cut } from '../postgres/cutting-proxy-fixture.js';
import { intents, type Intent, type IntentOptions } from './intents.js';
import type { StoreRig } from './store-rig.js';

/** The reference judges the whole history at the end; between the steps there is nothing to keep. */
type Model = Record<string, never>;
export type StoreStep = fc.AsyncCommand<Model, StoreRig>;

abstract class Step implements StoreStep {
  check(): boolean {
    return true;
  }
  abstract run(model: Model, rig: StoreRig): Promise<void>;
  abstract toString(): string;
}

class Send extends Step {
  constructor(protected readonly intents: readonly Intent[]) {
    super();
  }
  run(_: Model, rig: StoreRig): Promise<void> {
    return rig.send(this.intents);
  }
  toString(): string {
    return `send ${JSON.stringify(this.intents)}`;
  }
}

class CutLink extends Step {
  constructor(
    private readonly writer: number,
    private readonly cut: Cut,
  ) {
    super();
  }
  run(_: Model, rig: StoreRig): Promise<void> {
    rig.cut(this.writer, this.cut);
    return Promise.resolve();
  }
  toString(): string {
    return `cut the link of writer ${this.writer} ${this.cut}`;
  }
}

class SendAndEndBackends extends Send {
  override async run(_: Model, rig: StoreRig): Promise<void> {
    const sending = rig.send(this.intents);
    await rig.endBackends();
    await sending;
  }
  override toString(): string {
    return `end all backends during ${super.toString()}`;
  }
}

/** Longer than the writers of the suite wait for an answer. */
const HOLD_MS = 250;

class SendPastTimeout extends Send {
  override run(_: Model, rig: StoreRig): Promise<void> {
    return rig.whileHeadIsHeld(HOLD_MS, () => rig.send(this.intents));
  }
  override toString(): string {
    return `hold the head past the timeout of ${super.toString()}`;
  }
}

/** Steps without a fault: commands of all kinds, many at once. */
export function sending(options: IntentOptions, atOnceMax: number): fc.Arbitrary<StoreStep> {
  return fc.array(intents(options), { minLength: 1, maxLength: atOnceMax }).map((sent) => new Send(sent));
}

/** Steps in which something breaks. */
export function breaking(options: IntentOptions, writers: number): fc.Arbitrary<StoreStep>[] {
  const sent = fc.array(intents(options), { minLength: 1, maxLength: 12 });
  const writer = fc.nat({ max: writers - 1 });
  return [
    fc.tuple(writer, fc.constantFrom<Cut>('before-the-server', 'before-the-answer')).map(([of, cut]) => new CutLink(of, cut)),
    sent.map((of) => new SendAndEndBackends(of)),
    sent.map((of) => new SendPastTimeout(of)),
  ];
}
