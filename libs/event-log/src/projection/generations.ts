import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';

/** `live`: queries read it. `building`: becomes live. `comparing`: never does. `dropping`: its rows are being deleted. */
export type GenerationState = 'live' | 'building' | 'comparing' | 'dropping';

/** One generation of a read model, as its row tells. */
export interface Generation {
  readonly generation: number;
  readonly state: GenerationState;
  readonly version: number;
  /** The first position that is not in it. */
  readonly position: bigint;
  /** Raised at each take-over of the building; fences whoever held it before. */
  readonly epoch: bigint;
  /** Whether somebody else works on it: his lease has not run out. */
  readonly taken: boolean;
  /** Error code of the last attempt, if it failed. */
  readonly failure: string | undefined;
}

/** Moves a generation in the transaction that writes its rows. */
export interface Move {
  readonly generation: Generation;
  readonly from: bigint;
  readonly to: bigint;
}

type Queries = Pick<EntityManager, 'query'>;

interface GenerationColumns {
  readonly generation: number;
  readonly state: GenerationState;
  readonly version: number;
  readonly position: string;
  readonly epoch: string;
  readonly taken: boolean;
  readonly failure: string | null;
}

const COLUMNS = `p.generation, p.state, p.version, p."position", p.epoch, p.failure`;
const TAKEN = `(p.lease_until > clock_timestamp() AND p.holder IS DISTINCT FROM $2) AS taken`;
const LEASE = `clock_timestamp() + $3::float8 * interval '1 millisecond'`;

const ALL = `SELECT ${COLUMNS}, ${TAKEN} FROM event_log.projection p WHERE p.name = $1 ORDER BY p.generation`;
const LOCK_LIVE = `SELECT ${COLUMNS}, ${TAKEN} FROM event_log.projection p WHERE p.name = $1 AND p.state = 'live' FOR UPDATE`;
const BEGIN = `
  INSERT INTO event_log.projection AS p (name, holder, lease_until, version, state)
  VALUES ($1, $2, CASE WHEN $3::float8 > 0 THEN ${LEASE} ELSE '-infinity' END, $4, $5)
  ON CONFLICT DO NOTHING
  RETURNING ${COLUMNS}, false AS taken`;
const CLAIM = `
  WITH claimed AS (
    UPDATE event_log.projection p SET holder = $2, epoch = p.epoch + 1, lease_until = ${LEASE}
    WHERE p.name = $1 AND p.generation = $4 AND p.state = 'building'
      AND (p.lease_until <= clock_timestamp() OR p.holder IS NULL OR p.holder = $2)
    RETURNING ${COLUMNS}, false AS taken
  )
  SELECT * FROM claimed`;
// A read model may lose its last batches in a power loss, with the cursor that tells so: no commit has to wait for the disk.
const MOVE = `
  WITH moved AS (
    UPDATE event_log.projection p
    SET "position" = $5, failure = NULL, lease_until = CASE WHEN p.state = 'live' THEN p.lease_until ELSE ${LEASE} END
    WHERE p.name = $1 AND p.generation = $2 AND p."position" = $4 AND p.state = $6 AND p.epoch = $7
    RETURNING 1
  )
  SELECT set_config('synchronous_commit', 'off', true) FROM moved`;
const CHANGE_STATE = `
  WITH changed AS (
    UPDATE event_log.projection p SET state = $3, failure = NULL, lease_until = '-infinity'
    WHERE p.generation = $1 AND p.epoch = $2 AND p.state <> 'dropping'
    RETURNING 1
  )
  SELECT 1 FROM changed`;
const FAIL = `UPDATE event_log.projection SET failure = $3 WHERE generation = $1 AND epoch = $2`;
const RELEASE = `UPDATE event_log.projection SET lease_until = '-infinity' WHERE generation = $1 AND epoch = $2`;
const FORGET = `DELETE FROM event_log.projection WHERE generation = $1 AND state = 'dropping'`;

/** The generations of one read model in the database, whose clock alone counts for leases. */
export class Generations {
  constructor(
    private readonly dataSource: DataSource,
    private readonly terms: { readonly name: string; /** UUID of this run. */ readonly holder: string; readonly leaseMs: number },
  ) {}

  async all(): Promise<readonly Generation[]> {
    return toGenerations(await this.dataSource.query(ALL, [this.terms.name, this.terms.holder]));
  }

  async live(): Promise<Generation | undefined> {
    return (await this.all()).find(({ state }) => state === 'live');
  }

  /** Holds the live generation where it is until the transaction ends. */
  async lockLive(manager: Queries): Promise<Generation | undefined> {
    return toGenerations(await manager.query(LOCK_LIVE, [this.terms.name, this.terms.holder]))[0];
  }

  /** A new generation beside the live one; undefined if there is one already. One that is built may be claimed by anybody. */
  async begin(state: 'building' | 'comparing', version: number): Promise<Generation | undefined> {
    const { name, leaseMs } = this.terms;
    // A comparison belongs to its caller: the upkeep of the same process leaves it alone too.
    const [holder, ms] = state === 'comparing' ? [randomUUID(), leaseMs] : [null, 0];
    const parameters = [name, holder, ms, version, state];
    return toGenerations(await this.dataSource.query(BEGIN, parameters))[0];
  }

  /** Takes a building over; undefined if somebody else works on it, or it is over. */
  async claim({ generation }: Generation): Promise<Generation | undefined> {
    const { name, holder, leaseMs } = this.terms;
    return toGenerations(await this.dataSource.query(CLAIM, [name, holder, leaseMs, generation]))[0];
  }

  /** First statement of the transaction. False if somebody else moved it, took it over or ended it: then nothing may be written. */
  async move(manager: Queries, { generation: { generation, state, epoch }, from, to }: Move): Promise<boolean> {
    const { name, leaseMs } = this.terms;
    const parameters = [name, generation, leaseMs, String(from), String(to), state, String(epoch)];
    return isNotEmpty(await manager.query(MOVE, parameters));
  }

  /** False if the epoch is over. */
  async changeState(manager: Queries, { generation, epoch }: Generation, state: 'live' | 'dropping'): Promise<boolean> {
    return isNotEmpty(await manager.query(CHANGE_STATE, [generation, String(epoch), state]));
  }

  /** Gives a generation up, whose rows are to be deleted then. */
  async retire(generation: Generation): Promise<void> {
    await this.changeState(this.dataSource, generation, 'dropping');
  }

  async fail({ generation, epoch }: Generation, code: string): Promise<void> {
    await this.dataSource.query(FAIL, [generation, String(epoch), code]);
  }

  /** Lets another process go on at once. */
  async release({ generation, epoch }: Generation): Promise<void> {
    await this.dataSource.query(RELEASE, [generation, String(epoch)]);
  }

  /** Only when its rows are gone. */
  async forget({ generation }: Generation): Promise<void> {
    await this.dataSource.query(FORGET, [generation]);
  }
}

function toGenerations(rows: unknown): readonly Generation[] {
  return (rows as readonly GenerationColumns[]).map(({ position, epoch, failure, ...row }) => ({
    ...row,
    position: BigInt(position),
    epoch: BigInt(epoch),
    failure: failure ?? undefined,
  }));
}

function isNotEmpty(rows: unknown): boolean {
  return (rows as readonly unknown[]).length > 0;
}
