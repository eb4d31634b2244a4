import { auditDossier, auditPlatform, collectDossier, type Dossier } from '@countersign/cli';
import { beforeAll, expect, it } from '@jest/globals';
import { originOf } from '@countersign/stack';
import pg from 'pg';
import { tamperDrill } from '../drills/tamper.js';
import { ITEM } from '../story-facts.js';
import type { StoryRun } from './story-run.js';
import { asSuperuser } from './superuser.js';
import { TAMPERINGS, type Tampering } from './tamperings.js';

const STREAM = `asset/${ITEM}`;

/** Tampering by the superuser of the database: each kind is found, and exactly the records it touched are named. */
export function tamperingSuite(run: () => StoryRun): void {
  let a: bigint;
  let b: bigint;

  beforeAll(async () => {
    const dossier = await dossierOf(run());
    const records = dossier.streams.find(({ streamId }) => streamId === STREAM)?.records ?? [];
    [a, b] = [records[3]?.position ?? -1n, records[4]?.position ?? -1n];
  });

  const named = (position: number | undefined): string =>
    position === Number(a) ? 'A' : position === Number(b) ? 'B' : `another record (${String(position)})`;

  async function findings(): Promise<{ log: readonly string[]; dossier: readonly string[] }> {
    const { clients, trust } = run();
    // The whole log of the service that was tampered with; the command line's tests audit all of them.
    const inventory = { ...clients, sources: clients.sources.filter(({ name }) => name === 'inventory') };
    const pinned = { ...trust, logs: trust.logs.filter(({ origin }) => origin === originOf('inventory')) };
    const { logs } = await auditPlatform(inventory, pinned);
    const { events } = await auditDossier(clients, await dossierOf(run()), trust);
    return {
      log: logs.flatMap((log) => log.findings.map(({ verdict, index }) => `${verdict} ${named(index)}`)).toSorted(),
      dossier: events
        .filter(({ verdict }) => verdict !== 'OK')
        .map(({ verdict, source, position }) => `${verdict} ${source === 'inventory' ? named(position) : source}`)
        .toSorted(),
    };
  }

  it.each(TAMPERINGS)('finds $name: $dossier', async ({ apply, log, dossier }: Tampering) => {
    await pastTriggers(run(), async (client) => {
      await client.query('create table public.e2e_kept as select * from event_log.event where position in ($1, $2)', [a, b]);
      await apply(client, a, b);
    });
    try {
      expect(await findings()).toEqual({ log, dossier });
    } finally {
      await pastTriggers(run(), async (client) => {
        await client.query('delete from event_log.event where position in ($1, $2)', [a, b]);
        await client.query('insert into event_log.event select * from public.e2e_kept');
        await client.query('drop table public.e2e_kept');
      });
    }
  });

  it('finds nothing once all is as it was', async () => {
    expect(await findings()).toEqual({ log: [], dossier: [] });
  });

  it('works on a copy, and names the same record, where the database is not ours', async () => {
    const drill = await tamperDrill(run().clients, run().trust, await dossierOf(run()), undefined);
    expect(drill).toMatchObject({ on: 'copy', holds: true, named: [`inventory#${String(b)} ALTERED`] });
  });

  it('is refused to the application itself', async () => {
    const client = new pg.Client({ connectionString: run().platform.provisioned.databases.inventory.appUrl });
    await client.connect();
    try {
      for (const change of ['update event_log.event set type = type', 'delete from event_log.event', 'truncate event_log.event'])
        await expect(client.query(change)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
  });
}

async function dossierOf({ clients }: StoryRun): Promise<Dossier> {
  const dossier = await collectDossier(clients.sources, ITEM);
  if (dossier === undefined) throw new Error('the item is not known');
  return dossier;
}

/** Switches off, and on again, what even a superuser has to switch off: triggers that fire always. */
async function pastTriggers(run: StoryRun, change: (client: pg.Client) => Promise<void>): Promise<void> {
  await asSuperuser(run, 'inventory', async (client) => {
    await client.query('begin');
    await client.query('alter table event_log.event disable trigger all');
    await change(client);
    await client.query('alter table event_log.event enable always trigger event_append_only');
    await client.query('commit');
  });
}
