import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DomainError, type DomainEvent, type EventSchema, type JsonObject, type StreamDefinition } from '@countersign/kernel';
import { foldPlanOf, withoutErasable } from '../fold-plan.js';
import type { GoldenRecord } from './golden-record.js';
import { readGolden, type ReadGolden } from './read-golden.js';
import { sealGolden } from './seal-golden.js';

/** Any stream definition. */
export type AnyStreamDefinition = StreamDefinition<unknown, never>;

/** Golden records of one service. */
export interface GoldenRecordsOptions {
  readonly service: string;
  /** Where the files are, `<type>.json`. */
  readonly folder: string;
  /** Every stream definition of the service, by the name of its constant. */
  readonly definitions: Readonly<Record<string, AnyStreamDefinition>>;
  /** Data for records that do not exist yet, by published type. */
  readonly samples: Readonly<Record<string, JsonObject>>;
  /** What records of earlier versions say in the events of today, by published type. */
  readonly upcasted?: Readonly<Record<string, readonly DomainEvent[]>>;
}

/**
 * The golden records of a service: one for every version of every event type that was ever shipped. A version without a record, a
 * record whose version is gone, and a schema that changed while its type stayed are mistakes that a test has to find.
 */
export interface GoldenRecords {
  /** Every version that the definitions know, earlier ones too. */
  readonly types: readonly string[];
  /** Versions without a record. */
  readonly missing: readonly string[];
  /** Records of versions that nobody knows any more. */
  readonly orphaned: readonly string[];
  /** Versions whose schema is not what was published. */
  readonly changed: readonly string[];
  /** As it stands in its file. @throws DomainError NOT_FOUND */
  record(type: string): GoldenRecord;
  read(record: GoldenRecord): Promise<ReadGolden>;
  /** What reading it has to give. @throws DomainError NOT_FOUND for an earlier version whose events nobody stated */
  expected(record: GoldenRecord): Pick<ReadGolden, 'events' | 'state'>;
  /** Writes the records that are missing, and never over one that is there. Returns their types. @throws DomainError NOT_FOUND */
  writeMissing(): Promise<readonly string[]>;
}

/** One sample for the newest version of every event of a definition, by published type. */
export function goldenSamples<State, Event extends DomainEvent>(
  { schemas }: StreamDefinition<State, Event>,
  data: { readonly [Type in Event['type']]: Extract<Event, { readonly type: Type }>['data'] },
): Readonly<Record<string, JsonObject>> {
  const published = Object.entries<EventSchema>(schemas).map(([name, { type }]) => [type, data[name as Event['type']]] as const);
  return Object.fromEntries(published) as Readonly<Record<string, JsonObject>>;
}

/** Names of the constants that hold stream definitions in the sources of a service: none may be without golden records. */
export async function declaredDefinitions(sources: string): Promise<readonly string[]> {
  const names = (await readdir(sources, { recursive: true })).filter((name) => /(?<!\.spec)\.ts$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(sources, name), 'utf8')));
  return texts
    .flatMap((text) => [...text.matchAll(/^export const (\w+): StreamDefinition</gm)].map(([, name = '']) => name))
    .sort();
}

interface Version {
  readonly definition: StreamDefinition<unknown, DomainEvent>;
  readonly schema: EventSchema;
  /** Of the newest version: the event's short name. */
  readonly name?: string;
}

export async function openGoldenRecords(options: GoldenRecordsOptions): Promise<GoldenRecords> {
  const { service, folder, definitions, samples, upcasted = {} } = options;
  const versions = new Map(Object.values(definitions).flatMap(versionsOf));
  const records = new Map((await recordsIn(folder)).map((record) => [record.type as string, record]));
  const types = [...versions.keys()].sort();
  const missing = types.filter((type) => !records.has(type));
  const versionOf = (type: string): Version => found(versions.get(type), type);
  return {
    types,
    missing,
    orphaned: [...records.keys()].filter((type) => !versions.has(type)),
    changed: types.filter(
      (type) => records.has(type) && !isDeepStrictEqual(records.get(type)?.fields, versionOf(type).schema.fields),
    ),
    record: (type) => found(records.get(type), type),
    read: (record) => readGolden(service, versionOf(record.type).definition, record),
    expected: ({ type, data }) => {
      const { definition, name } = versionOf(type);
      const events = name === undefined ? found(upcasted[type], type) : [foldable(definition, name, data)];
      return { events, state: events.reduce((state, event) => definition.evolve(state, event), definition.initial) };
    },
    writeMissing: async () => {
      await mkdir(folder, { recursive: true });
      for (const type of missing) {
        const { definition, schema } = versionOf(type);
        const data = found(samples[type], type);
        const golden = await sealGolden(service, { definition, key: `golden/${schema.type}`, schema, data });
        // `wx`: a record that is there is never written over.
        await writeFile(join(folder, `${type}.json`), `${JSON.stringify(golden, undefined, 2)}\n`, { flag: 'wx' });
      }
      return missing;
    },
  };
}

function versionsOf(given: AnyStreamDefinition): [string, Version][] {
  const definition = given as unknown as StreamDefinition<unknown, DomainEvent>;
  const { schemas, upcasters = [] } = definition;
  return [
    ...Object.entries<EventSchema>(schemas).map(([name, schema]): Version => ({ definition, schema, name })),
    ...upcasters.map(({ schema }): Version => ({ definition, schema })),
  ].map((version) => [version.schema.type, version]);
}

function foldable(definition: StreamDefinition<unknown, DomainEvent>, name: string, data: JsonObject): DomainEvent {
  return { type: name, data: withoutErasable(foldPlanOf(definition).byName(name), data) };
}

async function recordsIn(folder: string): Promise<GoldenRecord[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as GoldenRecord));
}

function found<Value>(value: Value | undefined, type: string): Value {
  if (value === undefined) throw new DomainError('NOT_FOUND', { context: { type } });
  return value;
}
