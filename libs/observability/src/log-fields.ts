/**
 * The closed list of facts a log line may carry. A name that is not listed is dropped (its name is listed under `dropped`), so that a
 * new fact needs a decision here: none may hold a confidential value, a token, a key or anything a person typed (threats T52).
 */
export const LOG_FIELDS = [
  // The call or message
  'correlationId',
  'errorId',
  'code',
  'kind',
  'field',
  'rule',
  'method',
  'status',
  'durationMs',
  'peer',
  'organisationId',
  'pseudonym',
  'commandId',
  'commandType',
  'replayed',
  'attempt',
  'reason',
  // Events and logs
  'streamId',
  'sequence',
  'expected',
  'actual',
  'expectedVersion',
  'actualVersion',
  'position',
  'from',
  'to',
  'size',
  'count',
  'type',
  'eventId',
  'origin',
  'logId',
  'epoch',
  'holder',
  'cursor',
  'root',
  'lag',
  'lagEvents',
  'lagSeconds',
  'batch',
  'bytes',
  // Kafka
  'topic',
  'partition',
  'offset',
  'groupId',
  'clientId',
  'members',
  'partitions',
  'messages',
  'retry',
  'delayMs',
  'dlq',
  'source',
  'subject',
  // Chain
  'chain',
  'height',
  'transaction',
  'nonce',
  'contract',
  'gas',
  'quorum',
  'confirmations',
  // The service and what it stands on
  'state',
  'dependency',
  'address',
  'port',
  'signal',
  'version',
  'name',
  'step',
  'setting',
  'migration',
  'role',
  'timeoutMs',
  'limit',
  'ms',
] as const;

/** A fact a log line may carry. */
export type LogField = (typeof LOG_FIELDS)[number];

/** Facts of one log line; `error` is reduced to class, code, message and stack with secrets blanked. */
export type LogFields = { readonly [Name in LogField]?: string | number | bigint | boolean | undefined } & {
  readonly error?: unknown;
};

const ALLOWED: ReadonlySet<string> = new Set(LOG_FIELDS);
const TEXT_LENGTH_MAX = 500;

/** Keeps what the list allows; texts are cut and blanked, bigints written as decimal strings. */
export function allowedFields(fields: LogFields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'error' || value === undefined) continue;
    if (ALLOWED.has(name) && isPlain(value)) kept[name] = plain(value);
    else dropped.push(name.slice(0, 40));
  }
  if (dropped.length > 0) kept['dropped'] = dropped.join(',');
  return kept;
}

/** Blanks what looks like a token, a key, or the password in a connection string. */
export function blankSecrets(text: string): string {
  return text
    .replace(/eyJ[\w-]{5,}\.[\w-]*\.?[\w-]*/g, '[token]')
    .replace(/-----BEGIN [^-]+-----[\s\S]*?(-----END [^-]+-----|$)/g, '[key]')
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]*@/gi, '$1:[password]@')
    .replace(/\b(bearer|authorization|password|secret)\b(["':=\s]+)\S+/gi, '$1$2[secret]');
}

function isPlain(value: unknown): value is string | number | bigint | boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}

function plain(value: string | number | bigint | boolean): string | number | boolean {
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'string' ? blankSecrets(value).slice(0, TEXT_LENGTH_MAX) : value;
}
