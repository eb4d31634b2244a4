import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../config.js';
import type { DirectoryEntry, OrganisationDirectory } from './organisation-directory.js';

export interface Patience {
  readonly waitMs: number;
  readonly pollMs: number;
  readonly cachedMs: number;
  readonly missedMs: number;
  readonly cachedMax: number;
}

const PATIENCE: Patience = {
  waitMs: LIMITS.organisationWaitMs,
  pollMs: LIMITS.organisationPollMs,
  cachedMs: LIMITS.organisationCachedMs,
  missedMs: LIMITS.organisationMissedMs,
  cachedMax: LIMITS.organisationsCachedMax,
};

type Lookup = () => Promise<DirectoryEntry | undefined>;

/**
 * A directory for messages that may arrive before the record of an organisation they name: a miss looks again for a
 * while. What was found is believed for some time, so that a thousand rows of one agency ask once; what was missed too,
 * so that rows of unknown agencies do not wait one after the other.
 */
export function patientDirectory(directory: OrganisationDirectory, patience: Patience = PATIENCE): OrganisationDirectory {
  const known = new Map<string, { until: number; readonly entry: Promise<DirectoryEntry | undefined> }>();
  const find = (key: string, lookup: Lookup): Promise<DirectoryEntry | undefined> => {
    const hit = known.get(key);
    if (hit !== undefined && hit.until > Date.now()) return hit.entry;
    if (known.size >= patience.cachedMax) known.clear();
    const found = { until: Number.POSITIVE_INFINITY, entry: lookUntilFound(lookup, patience) };
    known.set(key, found);
    found.entry.then(
      (entry) => (found.until = Date.now() + (entry === undefined ? patience.missedMs : patience.cachedMs)),
      () => known.delete(key),
    );
    return found.entry;
  };
  return {
    byCode: (kind, code) => find(JSON.stringify(['code', kind, code]), () => directory.byCode(kind, code)),
    byAgency: (state, station) => find(JSON.stringify(['agency', state, station]), () => directory.byAgency(state, station)),
  };
}

async function lookUntilFound(lookup: Lookup, { waitMs, pollMs }: Patience): Promise<DirectoryEntry | undefined> {
  const until = performance.now() + waitMs;
  for (;;) {
    const entry = await lookup();
    if (entry !== undefined || performance.now() > until) return entry;
    await pause(pollMs);
  }
}
