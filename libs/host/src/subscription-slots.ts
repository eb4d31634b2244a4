import { DomainError, type Actor } from '@countersign/kernel';

export interface SlotLimits {
  readonly ofPrincipalMax: number;
  readonly ofOrganisationMax: number;
  readonly ofServiceMax: number;
}

/** Counts what is open, so that nobody takes all of it. */
export class SubscriptionSlots {
  private readonly taken = new Map<string, number>();

  constructor(private readonly limits: SlotLimits) {}

  get open(): number {
    return this.taken.get('service') ?? 0;
  }

  /**
   * @returns gives the slot back; idempotent
   * @throws DomainError SUBSCRIPTIONS_EXHAUSTED
   */
  take({ principalId, organisationId }: Pick<Actor, 'principalId' | 'organisationId'>): () => void {
    const { ofPrincipalMax, ofOrganisationMax, ofServiceMax } = this.limits;
    const counters = [
      { key: `principal ${principalId}`, max: ofPrincipalMax, rule: `at most ${ofPrincipalMax} of a principal` },
      { key: `organisation ${organisationId}`, max: ofOrganisationMax, rule: `at most ${ofOrganisationMax} of an organisation` },
      { key: 'service', max: ofServiceMax, rule: `at most ${ofServiceMax} of this service` },
    ];
    const full = counters.find(({ key, max }) => (this.taken.get(key) ?? 0) >= max);
    if (full !== undefined) throw new DomainError('SUBSCRIPTIONS_EXHAUSTED', { rule: full.rule });
    const keys = counters.map(({ key }) => key);
    for (const key of keys) this.taken.set(key, (this.taken.get(key) ?? 0) + 1);
    return () => {
      for (const key of keys.splice(0)) this.release(key);
    };
  }

  private release(key: string): void {
    const left = (this.taken.get(key) ?? 0) - 1;
    if (left > 0) this.taken.set(key, left);
    else this.taken.delete(key);
  }
}
