import type { MembersChange } from '@countersign/chain';
import { Unreadable } from '@countersign/verifier';
import { z } from 'zod';

const account = z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'must be 0x and 40 hex digits');
const accounts = z.array(account).max(64);
const logId = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
  .transform((hex) => Buffer.from(hex, 'hex'));
const few = z.int().min(0).max(64);

/** What the file of `chain propose` holds: one change, spelled out. */
const change = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('membership'),
    joining: accounts,
    leaving: accounts,
    approvalsNeeded: few,
    quorumMin: few,
  }),
  z.strictObject({ kind: z.literal('publisher'), logIds: z.array(logId).min(1).max(64), publisher: account }),
  z.strictObject({ kind: z.literal('quorum'), logId, attesters: accounts, threshold: few }),
  z.strictObject({
    kind: z.literal('closing'),
    logId,
    size: z.int().min(1),
    /** Left out if no log continues this one. */
    successor: logId.default(Buffer.alloc(32)),
  }),
]);

/** @throws Unreadable if it is no JSON, or no change that members can decide */
export function parseChange(text: string): MembersChange {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Unreadable('the change is not JSON');
  }
  const parsed = change.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Unreadable(`the change breaks its schema at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? 'unknown'}`);
}
