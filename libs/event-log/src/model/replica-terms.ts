import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { ItemKeys, logIdOf } from '@countersign/record';
import type { LogIdentity } from '../identity.js';
import { createMemoryIdentity } from '../memory/memory-identity.js';
import type { Answer } from './journal-client.js';
import type { Submission } from './operations.js';

/** A log identity as it can be given to another process; bytes in hex. */
export interface SharedIdentity {
  readonly origin: string;
  readonly registration: string;
  readonly itemMaster: string;
  readonly leavesKey: string;
  readonly requestDigestKey: string;
}

/** What one replica process is started with. */
export interface ReplicaTerms {
  /** Also the application name of its sessions, and the first part of its command ids. */
  readonly name: string;
  readonly url: string;
  readonly identity: SharedIdentity;
  readonly seed: number;
  readonly atOnce: number;
  readonly parcels: number;
  readonly leaseMs: number;
  /** Every call and every answer is written there before and after it is made. */
  readonly file: string;
  /** What an earlier process sent and was told nothing about: sent again first. */
  readonly unfinished: readonly SentSubmission[];
}

/** A submission as JSON. */
export type SentSubmission = Omit<Submission, 'inbox'> & {
  readonly message: { readonly subject: string; readonly sequence: number } | null;
};

/** One line of a replica's file. Times are nanoseconds of the machine's monotonic clock, the same for all processes. */
export type ReplicaLine =
  | { readonly call: number; readonly at: number; readonly submission: SentSubmission }
  | { readonly call: number; readonly at: number; readonly answer: SentAnswer };

type Done = Extract<Answer, { kind: 'done' }>;
/** An answer as JSON. */
export type SentAnswer =
  | Exclude<Answer, Done>
  | {
      readonly kind: 'done';
      readonly result: readonly number[];
      readonly replayed: boolean;
      readonly recorded: readonly {
        readonly eventId: string;
        readonly type: string;
        readonly streamId: string;
        readonly sequence: string;
        readonly position: string;
        readonly recordDigest: string;
      }[];
    };

export function newSharedIdentity(): SharedIdentity {
  const { origin, registration } = createMemoryIdentity();
  return {
    origin,
    registration: Buffer.from(registration).toString('hex'),
    itemMaster: randomBytes(32).toString('hex'),
    leavesKey: generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('hex'),
    requestDigestKey: randomBytes(32).toString('hex'),
  };
}

export function identityOf(shared: SharedIdentity): LogIdentity {
  const registration = Buffer.from(shared.registration, 'hex');
  return {
    origin: shared.origin,
    registration,
    logId: logIdOf(registration),
    itemKeys: new ItemKeys(Buffer.from(shared.itemMaster, 'hex')),
    leavesKey: createPrivateKey({ key: Buffer.from(shared.leavesKey, 'hex'), format: 'der', type: 'pkcs8' }),
    requestDigestKey: Buffer.from(shared.requestDigestKey, 'hex'),
  };
}

export function submissionOf({ message, ...sent }: SentSubmission): Submission {
  const inbox = message && {
    source: 'countersign.example/other',
    eventId: `${message.subject}-${message.sequence}`,
    subject: message.subject,
    sequence: BigInt(message.sequence),
  };
  return { ...sent, inbox: inbox ?? undefined };
}

export function sentAnswer(answer: Answer): SentAnswer {
  if (answer.kind !== 'done') return answer;
  const { result, replayed, recorded } = answer.outcome;
  const events = recorded.map((event) => ({
    ...event,
    sequence: String(event.sequence),
    position: String(event.position),
    recordDigest: Buffer.from(event.recordDigest).toString('hex'),
  }));
  return { kind: 'done', result, replayed, recorded: events };
}

export function answerOf(sent: SentAnswer): Answer {
  if (sent.kind !== 'done') return sent;
  const recorded = sent.recorded.map((event) => ({
    ...event,
    sequence: BigInt(event.sequence),
    position: BigInt(event.position),
    recordDigest: Buffer.from(event.recordDigest, 'hex'),
  }));
  return { kind: 'done', outcome: { result: sent.result, replayed: sent.replayed, recorded } };
}
