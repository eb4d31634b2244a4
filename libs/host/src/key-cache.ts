/** Keeps the entries used last, each for a limited time. */
export class KeyCache<Value> {
  private readonly entries = new Map<string, { readonly value: Value; readonly until: number }>();

  constructor(
    private readonly entriesMax: number,
    private readonly keptMs: number,
    private readonly now: () => number,
  ) {}

  get(id: string): Value | undefined {
    const entry = this.entries.get(id);
    if (entry === undefined) return undefined;
    this.entries.delete(id);
    if (this.now() >= entry.until) return undefined;
    // A map keeps insertion order, so the first entry is always the one unused for longest.
    this.entries.set(id, entry);
    return entry.value;
  }

  set(id: string, value: Value): void {
    this.entries.delete(id);
    this.entries.set(id, { value, until: this.now() + this.keptMs });
    if (this.entries.size <= this.entriesMax) return;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}
