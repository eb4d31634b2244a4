import { auditDossier, auditPlatform, type Dossier, type DossierAudit, type PlatformClients } from '@countersign/cli';
import type { Trust } from '@countersign/verifier';
import type { StoredEvents } from './stored-events.js';

export interface TamperDrill {
  /** Where one byte was changed: the service's database, or a copy of the dossier if the database is not ours. */
  readonly on: 'database' | 'copy';
  readonly log: string;
  readonly position: number;
  readonly byte: number;
  /** Every record that the audit then named, as `log#leaf verdict`. */
  readonly named: readonly string[];
  /** True if everything passed again once the byte was restored. */
  readonly restored: boolean;
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
 * @param stored the database that holds the event, to which only its superuser may do that; undefined if it is not ours to touch
 */
export async function tamperDrill(
  clients: PlatformClients,
  trust: Trust,
  dossier: Dossier,
  stored: StoredEvents | undefined,
): Promise<TamperDrill> {
  const target = pickTarget(dossier);
  if (stored === undefined) return drillOnCopy(clients, trust, dossier, target);
  const { named, elsewhere } = await stored.whileChanged(target, async () => ({
    named: namedIn(await auditDossier(clients, await reread(clients, dossier), trust)),
    elsewhere: (await auditPlatform(clients, trust)).logs.flatMap((log) => log.findings).length,
  }));
  const restored = (await auditDossier(clients, await reread(clients, dossier), trust)).holds;
  const isNamed = named.length === 1 && named[0] === `${target.source}#${target.position} ALTERED` && elsewhere === 1;
  return {
    position: target.position,
    byte: target.byte,
    on: 'database',
    log: target.source,
    named,
    restored,
    holds: isNamed && restored,
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
  const restored = (await auditDossier(clients, dossier, trust)).holds;
  const isNamed = named.length === 1 && named[0] === `${target.source}#${target.position} ALTERED`;
  return {
    position: target.position,
    byte: target.byte,
    on: 'copy',
    log: target.source,
    named,
    restored,
    holds: isNamed && restored,
  };
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
