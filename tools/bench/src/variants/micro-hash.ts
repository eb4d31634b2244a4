import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY_ROOT } from '@countersign/stack';
import type { JsonObject, JsonValue } from '@countersign/kernel';
import { sha256 } from '@countersign/merkle';
import { canonicalJson } from '@countersign/record';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { requisitionKey, requisitionLine } from '../workload/requisition.js';
import { measurementOf, repeat } from './micro-work.js';

const EVENTS = 20_000;
const AT_ONCE = 200;

type Hash = (value: JsonValue) => Buffer;
type Canonicalize = (value: unknown) => string | undefined;

/** Canonical bytes (RFC 8785) of varied events, and their SHA-256: by ours, or by the `canonicalize` package and `createHash`. */
export async function measureHash(options: VariantOptions): Promise<Measurement> {
  const canonicalize = await loadCanonicalize(String(options.parameters['peers']));
  const events = Array.from({ length: EVENTS }, (_, index) => eventOf(index));
  const ours: Hash = (value) => sha256(canonicalJson(value));
  const theirs: Hash = (value) =>
    createHash('sha256')
      .update(canonicalize(value) ?? '')
      .digest();
  const hash = options.parameters['own'] === true ? ours : theirs;
  let at = 0;
  const work = repeat(options, () => {
    for (let count = 0; count < AT_ONCE; count += 1) {
      hash(events[at] ?? null);
      at = (at + 1) % EVENTS;
    }
    return AT_ONCE;
  });
  const refused = firstDifference([...events, ...vectors()], canonicalize);
  const bytes = Math.round(events.reduce((sum, event) => sum + canonicalJson(event).length, 0) / EVENTS);
  return measurementOf(options, work, refused, { bytesPerEvent: bytes });
}

/** As a door receives it: in the order in which somebody wrote it, one object within the other. */
function eventOf(index: number): JsonObject {
  const { documentNumber, ...line } = requisitionLine(index, index % 5);
  return {
    type: 'countersign.bench.LineRequested.v1',
    subject: `requisition/${requisitionKey(index)}`,
    id: `0199a1b2-${String(index).padStart(4, '0')}-7000-8000-${String(index * 7919).padStart(12, '0')}`,
    time: '2026-11-20T10:00:00-05:00',
    data: { documentNumber, ...line },
  };
}

/** Both must agree byte for byte, on the events and on the published vectors. */
function firstDifference(values: readonly JsonValue[], canonicalize: Canonicalize): string | undefined {
  const index = values.findIndex((value) => canonicalJson(value).toString() !== canonicalize(value));
  return index < 0 ? undefined : `the canonical bytes of value ${index} differ`;
}

function vectors(): readonly JsonValue[] {
  const file = JSON.parse(readFileSync(join(REPOSITORY_ROOT, 'vectors', 'canonical-json.json'), 'utf8')) as {
    readonly accepted: readonly { readonly json: string }[];
  };
  return file.accepted.map(({ json }) => JSON.parse(json) as JsonValue);
}

/** An ES module, so `require` does not give it everywhere. */
async function loadCanonicalize(folder: string): Promise<Canonicalize> {
  const path = createRequire(join(folder, 'package.json')).resolve('canonicalize');
  const { default: canonicalize } = (await import(pathToFileURL(path).href)) as { readonly default: Canonicalize };
  return canonicalize;
}
