import { randomBytes, randomUUID } from 'node:crypto';
import { ItemKeys, logIdOf } from '@countersign/record';
import { Column, Entity, PrimaryColumn, type DataSource } from 'typeorm';
import { openEventLog, type EventLog } from '../event-log.js';
import type { LogIdentity } from '../identity.js';
import { createMemoryIdentity } from '../memory/memory-identity.js';
import { envelopeOf, packed, PARCEL, taken, type ParcelEvent } from '../parcel-fixture.js';
import { createLogDataSource } from '../postgres/data-source.js';
import type { SuiteDatabase } from '../postgres/log-fixture.js';
import { eventLogMigrations } from '../postgres/migrations.js';
import { createMemoryUnitKeys, type MemoryUnitKeys } from '../unit-keys.js';
import type { ProjectedEvent, ProjectionDefinition, ReadModelRow } from './definition.js';
import { createProjectionReader, type ReadingTerms } from './projection-reader.js';
import { changeRows, type RowChange } from './row-changes.js';

@Entity({ schema: 'parcels', name: 'parcel' })
export class ParcelRow implements ReadModelRow {
  @PrimaryColumn({ type: 'int4' })
  generation!: number;

  @PrimaryColumn({ type: 'text' })
  key!: string;

  @Column({ type: 'int4' })
  pieces!: number;

  @Column({ type: 'text', nullable: true })
  contents!: string | null;
}

const TABLE = `CREATE TABLE parcels.parcel (
  generation int4 NOT NULL, key text NOT NULL, pieces int4 NOT NULL, contents text, PRIMARY KEY (generation, key)
)`;

/** Pieces left in every parcel. Adding and taking are not idempotent, so a record that takes effect twice shows. */
export function parcels(change: Partial<ProjectionDefinition<ParcelEvent>> = {}): ProjectionDefinition {
  const definition: ProjectionDefinition<ParcelEvent> = {
    name: 'parcels',
    version: 1,
    tables: [ParcelRow],
    streams: [PARCEL],
    groups: [],
    project: (events, scope) => changeRows(scope, ParcelRow, events.map(pieceChange)),
    ...change,
  };
  return definition as unknown as ProjectionDefinition;
}

function pieceChange({ key, event }: ProjectedEvent<ParcelEvent>): RowChange<ParcelRow> {
  return event.type === 'ParcelPacked'
    ? { key, change: (row) => ({ pieces: (row?.pieces ?? 0) + event.data.pieces, contents: event.data.contents ?? null }) }
    : { key, change: (row) => ({ pieces: (row?.pieces ?? 0) - event.data.pieces, contents: row?.contents ?? null }) };
}

/** What a process needs to open the suite's log. */
export interface SharedIdentity {
  readonly itemMaster: string;
  readonly registration: string;
}

/** A log that several processes open: all that they have to agree on comes from what they share. */
function identityFrom({ itemMaster, registration }: SharedIdentity): LogIdentity {
  const bytes = Buffer.from(registration, 'hex');
  return {
    ...createMemoryIdentity(),
    registration: bytes,
    logId: logIdOf(bytes),
    itemKeys: new ItemKeys(Buffer.from(itemMaster, 'hex')),
    requestDigestKey: Buffer.alloc(32, 1),
  };
}

export async function openSharedLog(
  url: string,
  shared: SharedIdentity,
  unitKeys: MemoryUnitKeys,
): Promise<{ readonly dataSource: DataSource; readonly log: EventLog }> {
  const dataSource = createLogDataSource({ url, applicationName: `suite-${randomUUID()}`, entities: [ParcelRow] });
  await dataSource.initialize();
  const identity = identityFrom(shared);
  const opener = { pseudonym: 'service', actingFor: 'operator' };
  const log = await openEventLog({ dataSource, identity, unitKeys, label: 'UNCLASSIFIED', policy: 'test', opener });
  return { dataSource, log };
}

/** A database with a log and the table of a read model. */
export interface ProjectionSuite {
  readonly shared: SharedIdentity;
  readonly unitKeys: MemoryUnitKeys;
  readonly superuser: DataSource;
  /** Another process on the log. */
  open(): Promise<EventLog>;
  close(): Promise<void>;
}

export async function openProjectionSuite(database: SuiteDatabase): Promise<ProjectionSuite> {
  const unitKeys = createMemoryUnitKeys();
  const registration = Buffer.from(createMemoryIdentity().registration).toString('hex');
  const shared = { itemMaster: randomBytes(32).toString('hex'), registration };
  const closers: (() => Promise<unknown>)[] = [];
  const connect = async (url: string, migrations: ReturnType<typeof eventLogMigrations> = []): Promise<DataSource> => {
    const dataSource = await createLogDataSource({ url, applicationName: 'suite', migrations }).initialize();
    closers.push(() => dataSource.destroy());
    return dataSource;
  };
  const owner = await connect(database.ownerUrl, eventLogMigrations(database));
  await owner.runMigrations();
  for (const statement of [
    'CREATE SCHEMA parcels',
    TABLE,
    `GRANT USAGE ON SCHEMA parcels TO ${database.appRole}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON parcels.parcel TO ${database.appRole}`,
  ])
    await owner.query(statement);
  return {
    shared,
    unitKeys,
    superuser: await connect(database.superuserUrl),
    open: async () => {
      const { dataSource, log } = await openSharedLog(database.appUrl, shared, unitKeys);
      closers.push(async () => {
        await log.close();
        await dataSource.destroy();
      });
      return log;
    },
    close: async () => {
      for (const close of closers.reverse()) await close();
    },
  };
}

/** Each command packs five pieces and takes one. */
export async function appendParcels(log: EventLog, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await log.journal.execute(envelopeOf(), async (unit) => {
      (await unit.open(PARCEL, randomUUID())).append(packed({ pieces: 5 }), taken(1));
      return null;
    });
  }
}

/** All rows that queries see now, and the position they are of. */
export async function readParcels(
  log: EventLog,
  terms: ReadingTerms = {},
): Promise<{ readonly asOf: number; readonly parcels: number; readonly pieces: number }> {
  const { asOf, result } = await createProjectionReader(log.dataSource, 'parcels').read(terms, ({ manager, generation }) =>
    manager.findBy(ParcelRow, { generation }),
  );
  return { asOf: Number(asOf), parcels: result.length, pieces: result.reduce((sum, { pieces }) => sum + pieces, 0) };
}

/** What the rows must be when this many records are in: `LogOpened`, then pairs of packing and taking. */
export function expectedAt(asOf: number): { readonly asOf: number; readonly parcels: number; readonly pieces: number } {
  const records = Math.max(asOf - 1, 0);
  return { asOf, parcels: Math.ceil(records / 2), pieces: Math.ceil(records / 2) * 5 - Math.floor(records / 2) };
}
