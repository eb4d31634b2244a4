import { z } from 'zod';
import { Unreadable } from './unreadable.js';

const trust = z.strictObject({
  version: z.literal(1),
  logs: z
    .array(
      z.strictObject({
        origin: z.string().min(1).max(200),
        /** 64 hex digits; commits to the registration and so to the log's keys. */
        logId: z.string().regex(/^[0-9a-f]{64}$/),
        /** C2SP verifier key of the log: `<name>+<key id>+<base64>`. */
        verifierKey: z.string().max(300),
      }),
    )
    .min(1)
    .max(1000),
  witnesses: z.strictObject({
    /** How many pinned witnesses must have cosigned a checkpoint. 0 says openly that none is asked for. */
    quorum: z.int().min(0).max(100),
    verifierKeys: z.array(z.string().max(300)).max(100),
  }),
  chain: z.strictObject({
    /** Chain identity that heads must name, e.g. `evm:31337:0x…`. */
    identity: z.string().min(1).max(200),
    name: z.string().min(1).max(100),
  }),
});

/** What an auditor pins before looking at any evidence. Never taken from a bundle. */
export type Trust = z.infer<typeof trust>;

/** @throws Unreadable if the bytes are not a trust file */
export function parseTrust(bytes: Uint8Array): Trust {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Unreadable('the trust file is not JSON in UTF-8');
  }
  const parsed = trust.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Unreadable(
      `the trust file breaks its schema at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? 'unknown'}`,
    );
  }
  if (parsed.data.witnesses.quorum > parsed.data.witnesses.verifierKeys.length) {
    throw new Unreadable('the trust file asks for more witnesses than it pins');
  }
  return parsed.data;
}
