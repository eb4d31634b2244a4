import { auditDossier, auditPlatform, type Dossier, type DossierAudit, type PlatformClients } from '@countersign/cli';
import type { Trust } from '@countersign/verifier';
import pg from 'pg';

export interface TamperDrill {
  /** Where one byte was changed: the service's database, or a copy of the dossier if the database is not ours. */
  readonly on: 'database' | 'copy';
  readonly log: string;
  readonly position: number;
  readonly byte: number;
  /** Every record that the audit then named, as `log#leaf verdict`. */
  readonly named: readonly string[];
  /** True if exactly the changed record was named, and nothing after it was restored. */
  readonly holds: boolean;
}

interface Target {
  readonly source: string;
  readonly position: number;
  readonly byte: number;
}

/**
 * Changes one byte of one stored event as the database superuser, past every trigger and right, audits, restores, and audits again.
 * @param databaseUrl superuser's address of the database that holds the event; undefined if it is not ours to touch
 */
export async function tamperDrill(
  clients: PlatformClients,
  trust: Trust,
  dossier: Dossier,
  databaseUrl: string | undefined,
): Promise<TamperDrill> {
  const target = pickTarget(dossier);
  if (databaseUrl === undefined) return drillOnCopy(clients, trust, dossier, target);
  await flipStoredByte(databaseUrl, target);
  let named: string[];
  let elsewhere: number;
  try {
    const changed = await auditDossier(clients, await reread(clients, dossier), trust);
    named = namedIn(changed);
    elsewhere = (await auditPlatform(clients, trust)).logs.flatMap((log) => log.findings).length;
  } finally {
    await flipStoredByte(databaseUrl, target);
  }
  const restored = await auditDossier(clients, await reread(clients, dossier), trust);
  const expected = `${target.source}#${target.position} ALTERED`;
  return {
    on: 'database',
    log: target.source,
    position: target.position,
    byte: target.byte,
    named,
    holds: named.length === 1 && named[0] === expected && elsewhere === 1 && restored.holds,
  };
}

async function drillOnCopy(clients: PlatformClients, trust: Trust, dossier: Dossier, target: Target): Promise<TamperDrill> {
  const copy: Dossier = {
    ...dossier,
    streams: dossier.streams.map((stream) => ({
      ...stream,
      records: stream.records.map((record) => {
        if (stream.source !== target.source || Number(record.position) !== target.position) return record;
        const header = Buffer.from(record.header);
        header[target.byte] = (header[target.byte] ?? 0) ^ 1;
        return { ...record, header };
      }),
    })),
  };
  const named = namedIn(await auditDossier(clients, copy, trust));
  const untouched = await auditDossier(clients, dossier, trust);
  const holds = named.length === 1 && named[0] === `${target.source}#${target.position} ALTERED` && untouched.holds;
  return { on: 'copy', log: target.source, position: target.position, byte: target.byte, named, holds };
}

/** A digit of the event time of a record in the middle of the item's own history: the changed record still reads well. */
function pickTarget(dossier: Dossier): Target {
  const stream = dossier.streams.find((candidate) => candidate.source === 'inventory' && candidate.streamId.startsWith('asset/'));
  const record = stream?.records[Math.floor(stream.records.length / 2)];
  if (stream === undefined || record === undefined) throw new Error('the dossier holds no asset stream');
  const at = Buffer.from(record.header).indexOf('"time":"');
  return { source: stream.source, position: Number(record.position), byte: at + '"time":"2026-11-0'.length };
}

function namedIn(audit: DossierAudit): string[] {
  return audit.events
    .filter((event) => event.verdict !== 'OK')
    .map((event) => `${event.source}#${event.position} ${event.verdict}`);
}

async function reread(clients: PlatformClients, dossier: Dossier): Promise<Dossier> {
  const streams = await Promise.all(
    dossier.streams.map(async (stream) => {
      const source = clients.sources.find((candidate) => candidate.name === stream.source);
      const reply = await source?.evidence.getStream({ streamId: stream.streamId });
      return { ...stream, records: reply?.records ?? [] };
    }),
  );
  return { ...dossier, streams };
}

/** Flips one bit; doing it twice restores it. Triggers that fire ALWAYS are what a superuser has to switch off, and does. */
async function flipStoredByte(databaseUrl: string, { position, byte }: Target): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('begin');
    await client.query('alter table event_log.event disable trigger all');
    const { rowCount } = await client.query(
      'update event_log.event set header = set_byte(header, $2, get_byte(header, $2) # 1) where position = $1',
      [position, byte],
    );
    if (rowCount !== 1) throw new Error(`no event is stored at position ${position}`);
    const { rows } = await client.query<{ name: string }>(
      "select tgname as name from pg_trigger where tgrelid = 'event_log.event'::regclass and not tgisinternal",
    );
    for (const { name } of rows)
      await client.query(`alter table event_log.event enable always trigger ${pg.escapeIdentifier(name)}`);
    await client.query('commit');
  } finally {
    await client.end();
  }
}
