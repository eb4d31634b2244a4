import type { Interruption } from '@countersign/grpc';
import type { evidenceV1 } from '@countersign/proto';
import { parseHeader, type RecordHeader } from '@countersign/record';
import { plain } from './terminal.js';

type Heartbeat = Pick<evidenceV1.Heartbeat, 'headPosition' | 'nextPosition' | 'resumeToken' | 'caughtUp'>;

export interface SubscribedLine {
  readonly record: evidenceV1.StoredRecord;
  readonly streamId: string;
  readonly type: string;
}

const POSITION_WIDTH = 9;

/** A record in one line: position, type, stream and sequence, when it was recorded, and what it says as far as it is open. */
export function recordLine({ record: stored, streamId, type }: SubscribedLine, json: boolean): string {
  const opened = stored.disclosures.map(openedDisclosure);
  if (json) return line({ ...jsonRecord(stored), streamId, type, disclosures: opened });
  const read = headerOf(stored.header);
  const what = { ...read?.publicData, ...Object.fromEntries(opened.flatMap(namedDisclosure)) };
  const says = read === undefined ? 'UNREADABLE HEADER' : `${read.recordedTime} ${JSON.stringify(what)}`;
  const altered = stored.alteredDisclosures.length;
  const place = `${String(stored.position).padStart(POSITION_WIDTH)}  ${type.replace(/^countersign\./, '')}  ${streamId}#${stored.sequence}`;
  return `${plain(`${place}  ${says}${altered === 0 ? '' : ` ALTERED: ${altered} disclosures`}`)}\n`;
}

/** The header as it reads; its text if it is no JSON. The bytes that are hashed are for `proof`, not for here. */
function jsonRecord({ position, sequence, header, entry, alteredDisclosures }: evidenceV1.StoredRecord): object {
  const text = Buffer.from(header).toString();
  return { position, sequence, header: jsonOf(text) ?? text, entry: Buffer.from(entry).toString('base64'), alteredDisclosures };
}

/** How far the subscription is: silence with lag 0 is silence. */
export function heartbeatLine({ headPosition, nextPosition, caughtUp, resumeToken }: Heartbeat, json: boolean): string {
  const lag = headPosition - nextPosition;
  if (json) return line({ heartbeat: { headPosition, nextPosition, lag, caughtUp, resumeToken } });
  return `-- heartbeat: head ${headPosition}, next ${nextPosition}, lag ${lag}${caughtUp ? '' : ', catching up'}, resume ${plain(resumeToken)}\n`;
}

export function interruptionLine({ error, attempt, delayMs }: Interruption, json: boolean): string {
  const { code } = error;
  if (json) return line({ interruption: { code, attempt, delayMs } });
  return `-- interrupted: ${plain(code)}; attempt ${attempt} in ${(delayMs / 1000).toFixed(1)} s\n`;
}

export function resumeLine(resumeToken: string, json: boolean): string {
  return json ? line({ resumeToken }) : `-- to go on: --resume ${plain(resumeToken)}\n`;
}

function line(value: object): string {
  const text = JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? member.toString() : member));
  return `${text}\n`;
}

/** Undefined if somebody altered the store so that it is none. */
function headerOf(bytes: Uint8Array): RecordHeader | undefined {
  try {
    return parseHeader(bytes);
  } catch {
    return undefined;
  }
}

/** `[salt, group, object]` of an SD-JWT disclosure; the text itself if it is none. */
function openedDisclosure(encoded: string): unknown {
  return jsonOf(Buffer.from(encoded, 'base64url').toString()) ?? encoded;
}

function namedDisclosure(opened: unknown): [string, unknown][] {
  if (!Array.isArray(opened)) return [];
  const [, , object] = opened as readonly unknown[];
  return typeof object === 'object' && object !== null ? Object.entries(object) : [];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
