import { randomBytes } from 'node:crypto';
import { DomainError } from '@countersign/kernel';
import type { DataSource } from 'typeorm';
import { LIMITS } from '../config.js';

/** A person under one appointment, or a service. */
export interface PseudonymSubject {
  readonly principalId: string;
  /** Empty for a service. */
  readonly appointmentId: string;
}

/**
 * The pseudonyms that stand for a subject in headers: random, one a log, so that two logs cannot be joined by them. Only this table knows
 * whose they are (formats §3); erasing a person includes deleting the person's rows.
 */
export interface Pseudonyms {
  /** By log origin. The same every time; durable before it is handed out. */
  of(subject: PseudonymSubject): Promise<ReadonlyMap<string, string>>;
}

const INSERT = `INSERT INTO identity.pseudonym (principal_id, appointment_id, log_origin, pseudonym)
  SELECT $1, $2, origin, pseudonym FROM unnest($3::text[], $4::text[]) AS fresh (origin, pseudonym)
  ON CONFLICT (principal_id, appointment_id, log_origin) DO NOTHING`;
const READ = 'SELECT log_origin, pseudonym FROM identity.pseudonym WHERE principal_id = $1 AND appointment_id = $2';

/** @param origins of all logs */
export function createPseudonyms(dataSource: DataSource, origins: readonly string[]): Pseudonyms {
  const known = new Map<string, ReadonlyMap<string, string>>();
  const read = async ({ principalId, appointmentId }: PseudonymSubject): Promise<ReadonlyMap<string, string>> => {
    const rows: readonly { readonly log_origin: string; readonly pseudonym: string }[] = await dataSource.query(READ, [
      principalId,
      appointmentId,
    ]);
    return new Map(rows.map((row) => [row.log_origin, row.pseudonym]));
  };
  return {
    of: async (subject) => {
      const id = JSON.stringify([subject.principalId, subject.appointmentId]);
      const cached = known.get(id);
      if (cached !== undefined) return cached;
      let pseudonyms = await read(subject);
      if (origins.some((origin) => !pseudonyms.has(origin))) {
        const fresh = origins.map(() => `p-${randomBytes(16).toString('base64url')}`);
        await dataSource.query(INSERT, [subject.principalId, subject.appointmentId, origins, fresh]);
        // Read back: another process may have been quicker.
        pseudonyms = await read(subject);
      }
      if (origins.some((origin) => !pseudonyms.has(origin))) throw new DomainError('INTERNAL', { rule: 'a pseudonym a log' });
      if (known.size >= LIMITS.pseudonymsCachedMax) known.clear();
      known.set(id, pseudonyms);
      return pseudonyms;
    },
  };
}
