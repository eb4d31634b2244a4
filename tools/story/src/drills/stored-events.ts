import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import pg from 'pg';

interface ChangedByte {
  readonly position: number;
  readonly byte: number;
}

/**
 * The stored events of one service, as the superuser of its database reaches them. While a byte is changed a note of what
 * it was stands in a file, so that a drill that was killed is undone by the next start.
 */
export class StoredEvents {
  constructor(
    private readonly databaseUrl: string,
    private readonly noteFile: string,
  ) {}

  /** Changes one bit of a stored header, does the work, and restores it, whatever comes of the work. */
  async whileChanged<Result>(place: ChangedByte, work: () => Promise<Result>): Promise<Result> {
    const value = await this.#read(place);
    writeFileSync(this.noteFile, JSON.stringify({ ...place, value }));
    try {
      await this.#write(place, value ^ 1);
      return await work();
    } finally {
      await this.#write(place, value);
      rmSync(this.noteFile);
    }
  }

  /** Restores what a drill that was killed left changed. @returns whether there was any */
  async undo(): Promise<boolean> {
    if (!existsSync(this.noteFile)) return false;
    const { value, ...place } = JSON.parse(readFileSync(this.noteFile, 'utf8')) as ChangedByte & { readonly value: number };
    await this.#write(place, value);
    rmSync(this.noteFile);
    return true;
  }

  #read({ position, byte }: ChangedByte): Promise<number> {
    return this.#asSuperuser(async (client) => {
      const { rows } = await client.query<{ value: number }>(
        'select get_byte(header, $2) as value from event_log.event where position = $1',
        [position, byte],
      );
      if (rows[0] === undefined) throw new Error(`no event is stored at position ${position}`);
      return rows[0].value;
    });
  }

  /** Triggers that fire ALWAYS are what a superuser has to switch off, and does. */
  #write({ position, byte }: ChangedByte, value: number): Promise<void> {
    return this.#asSuperuser(async (client) => {
      await client.query('begin');
      await client.query('alter table event_log.event disable trigger all');
      await client.query('update event_log.event set header = set_byte(header, $2, $3) where position = $1', [
        position,
        byte,
        value,
      ]);
      const { rows } = await client.query<{ name: string }>(
        "select tgname as name from pg_trigger where tgrelid = 'event_log.event'::regclass and not tgisinternal",
      );
      for (const { name } of rows)
        await client.query(`alter table event_log.event enable always trigger ${pg.escapeIdentifier(name)}`);
      await client.query('commit');
    });
  }

  async #asSuperuser<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}
