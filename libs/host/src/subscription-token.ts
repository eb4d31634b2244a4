import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import type { LogIdentity } from '@countersign/event-log';
import { DomainError } from '@countersign/kernel';

/*
 * A resume token: base64url of
 *   version (1) ‖ log id (32) ‖ binding (16) ‖ next position (8) ‖ mark of the record before it (16) ‖ tag (16)
 * It is no secret and grants nothing: the tag keeps a reader from blaming the log with a token of his own making. The mark is keyed,
 * because the record before may be one that the reader may not see.
 */
const VERSION = 1;
const MARK_SIZE = 16;
const AT = { logId: 1, binding: 33, next: 49, mark: 57, tag: 73, end: 89 } as const;
const PURPOSE = 'countersign resume token 1';

/** Where a subscription goes on. */
export interface ResumePoint {
  /** The first position that was not looked at. */
  readonly next: bigint;
  /** Whether this is the entry of the record before it, undefined for none. */
  follows(entry: Uint8Array | undefined): boolean;
}

/** The resume tokens of one log, one filter and one kind of reader. */
export class ResumeTokens {
  private readonly logId: Uint8Array;
  private readonly key: Buffer;
  private readonly binding: Buffer;

  /** @param boundTo what must be the same when the token comes back */
  constructor({ logId, requestDigestKey }: Pick<LogIdentity, 'logId' | 'requestDigestKey'>, boundTo: string) {
    this.logId = logId;
    this.key = createHmac('sha256', requestDigestKey).update(PURPOSE).digest();
    this.binding = createHash('sha256').update(boundTo).digest().subarray(0, MARK_SIZE);
  }

  /** @param entry of the record before `next`; undefined if there is none */
  seal(next: bigint, entry: Uint8Array | undefined): string {
    const token = Buffer.alloc(AT.end);
    token.writeUInt8(VERSION, 0);
    token.set(this.logId, AT.logId);
    token.set(this.binding, AT.binding);
    token.writeBigUInt64BE(next, AT.next);
    token.set(this.mark('record', entry), AT.mark);
    token.set(this.mark('token', token.subarray(0, AT.tag)), AT.tag);
    return token.toString('base64url');
  }

  /** @throws DomainError RESUME_TOKEN_INVALID */
  open(text: string): ResumePoint {
    const token = Buffer.from(text, 'base64url');
    if (token.length !== AT.end || token.toString('base64url') !== text || token.readUInt8(0) !== VERSION)
      throw invalid('not a resume token');
    if (!token.subarray(AT.logId, AT.binding).equals(this.logId)) throw invalid('a token of another log');
    if (!timingSafeEqual(token.subarray(AT.tag), this.mark('token', token.subarray(0, AT.tag))))
      throw invalid('not a token that this log gave');
    if (!token.subarray(AT.binding, AT.next).equals(this.binding))
      throw invalid('a token for another filter, or of a reader of another organisation or kind');
    const mark = token.subarray(AT.mark, AT.tag);
    return { next: token.readBigUInt64BE(AT.next), follows: (entry) => mark.equals(this.mark('record', entry)) };
  }

  private mark(kind: 'record' | 'token', bytes: Uint8Array | undefined): Buffer {
    return createHmac('sha256', this.key)
      .update(`${kind}\0`)
      .update(bytes ?? '')
      .digest()
      .subarray(0, MARK_SIZE);
  }
}

function invalid(rule: string): DomainError {
  return new DomainError('RESUME_TOKEN_INVALID', { field: 'resume_token', rule });
}
