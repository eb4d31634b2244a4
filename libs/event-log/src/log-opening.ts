import { LOG_OPENED, logStreamId } from '@countersign/record';
import type { LogIdentity } from './identity.js';
import type { PreparedCommand } from './log-store.js';
import { requestDigests } from './request-digest.js';
import type { RecordSealer } from './sealing.js';

/** Who opens a log: the service itself, in the form in which a header names it. */
export interface LogOpener {
  /** Pseudonym of the service's principal. */
  readonly pseudonym: string;
  /** The code it acts for. */
  readonly actingFor: string;
}

/** The principal id beside which the opening is kept; no token can carry it. */
const PRINCIPAL = 'log';
const COMMAND = 'LogOpened';

/** The command that writes leaf 0 (formats §6). Every process of the service may send it: one of them wins, the others repeat. */
export function logOpening(identity: LogIdentity, sealer: RecordSealer, opener: LogOpener, now: Date): PreparedCommand {
  const streamId = logStreamId(identity.origin);
  const time = now.toISOString();
  const sealed = sealer.seal({
    schema: LOG_OPENED,
    data: { logId: Buffer.from(identity.logId).toString('hex') },
    streamId,
    sequence: 0n,
    previous: undefined,
    eventTime: time,
    recordedTime: time,
    actor: opener.pseudonym,
    actingFor: opener.actingFor,
    correlationId: COMMAND,
    causationId: undefined,
    unitKeys: new Map(),
  });
  return {
    principalId: PRINCIPAL,
    commandId: COMMAND,
    requestDigest: requestDigests(identity.requestDigestKey)(identity.logId),
    result: 'null',
    inbox: undefined,
    guards: [{ streamId, expected: 0n, next: 1n, lastDigest: sealed.recordDigest }],
    events: [{ ...sealed, streamId, sequence: 0n }],
    readers: [],
    links: [],
    unitKeys: [],
  };
}
