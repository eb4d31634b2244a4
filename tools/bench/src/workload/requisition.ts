import type { DomainEvent, Link, StreamDefinition } from '@countersign/kernel';

/** What every variant stores: about 500 bytes of JSON, different in each event. */
export interface RequisitionLine {
  readonly documentNumber: string;
  readonly line: number;
  readonly nsn: string;
  readonly item: string;
  readonly quantity: number;
  readonly unitOfIssue: string;
  readonly priority: string;
  readonly requiredBy: string;
  readonly shipTo: string;
  readonly supplementaryAddress: string;
  readonly signal: string;
  readonly project: string;
  readonly distribution: string;
  readonly remarks: string;
  readonly fundCode: string;
  readonly unitPriceCents: number;
}

type RequisitionEvent = DomainEvent<'LineRequested', RequisitionLine>;

export interface RequisitionState {
  readonly lines: number;
  readonly quantity: number;
}

/** The bench's own kind of stream: public fields, a confidential group, two natural keys, as an order line has. */
export const REQUISITION: StreamDefinition<RequisitionState, RequisitionEvent> = {
  category: 'requisition',
  initial: { lines: 0, quantity: 0 },
  evolve: (state, { data }) => ({ lines: state.lines + 1, quantity: state.quantity + data.quantity }),
  schemas: {
    LineRequested: {
      type: 'countersign.bench.LineRequested.v1',
      fields: {
        documentNumber: 'public',
        line: 'public',
        nsn: 'public',
        item: 'public',
        quantity: 'public',
        unitOfIssue: 'public',
        priority: 'public',
        requiredBy: 'public',
        shipTo: 'public',
        supplementaryAddress: 'public',
        signal: 'public',
        project: 'public',
        distribution: 'public',
        remarks: 'public',
        fundCode: { group: 'commercial' },
        unitPriceCents: { group: 'commercial' },
      },
    },
  },
  links: ({ data }) => linksOf(data),
};

export function linksOf({ documentNumber, nsn }: RequisitionLine): Link[] {
  return [
    { kind: 'document-number', value: documentNumber, role: 'identifies' },
    { kind: 'nsn', value: nsn, role: 'mentions' },
  ];
}

/** Key of the stream that command number `index` begins: the document number of its order, then the year. */
export function requisitionKey(index: number): string {
  return `${documentNumberOf(index)}/2026`;
}

/** The same number gives the same line, on every machine and for every variant. */
export function requisitionLine(index: number, line = 0, documentNumber = documentNumberOf(index)): RequisitionLine {
  const draw = randomFrom(index * 64 + line + 1);
  const item = pick(ITEMS, draw());
  return {
    documentNumber,
    line,
    nsn: digits(draw(), 4) + pick(['00', '01', '12', '17'], draw()) + digits(draw(), 7),
    item,
    quantity: 1 + Math.floor(draw() * 500),
    unitOfIssue: pick(['EA', 'BX', 'PG', 'KT', 'SE'], draw()),
    priority: pick(['02', '03', '05', '06', '12', '13'], draw()),
    requiredBy: `2026-${digits(1 + draw() * 11.9, 2, 12)}-${digits(1 + draw() * 27, 2, 28)}`,
    shipTo: pick(ACTIVITIES, draw()),
    supplementaryAddress: pick(ACTIVITIES, draw()),
    signal: pick(['A', 'B', 'J', 'K'], draw()),
    project: pick(['9GF', 'ZZZ', '3AB', 'EA1'], draw()),
    distribution: digits(draw(), 3),
    remarks: `${pick(REMARKS, draw())}; ${item.toLowerCase()} for ${pick(REASONS, draw())}, lot ${digits(draw(), 8)}`,
    fundCode: pick(['6C', '21', '4T', '1A'], draw()),
    unitPriceCents: 100 + Math.floor(draw() * 500_000),
  };
}

const ACTIVITIES = Array.from(
  { length: 200 },
  (_, index) => `W${(10_000 + index * 317).toString(36).toUpperCase().padStart(5, '0')}`,
);
const ITEMS = [
  'FILTER ELEMENT,FLUID',
  'BRAKE SHOE SET',
  'BATTERY,STORAGE',
  'PARTS KIT,SEAL REPLACEMENT',
  'TIRE,PNEUMATIC',
  'PUMP,FUEL,METERING',
];
const REMARKS = [
  'partial delivery is accepted',
  'deliver to the maintenance hall',
  'call before delivery',
  'substitute is accepted',
];
const REASONS = [
  'scheduled maintenance',
  'a deadlined vehicle',
  'stock replenishment',
  'an exercise',
  'calibration of the test bench',
];

/** Digits of the clustered kind that document numbers are: activity, day, serial. */
function documentNumberOf(index: number): string {
  const draw = randomFrom(index * 977 + 5);
  const serial = index.toString(36).toUpperCase().padStart(6, '0').slice(-6);
  return `${pick(ACTIVITIES, draw())}6${digits(1 + draw() * 364, 3, 365)}${serial}`;
}

/** A small generator (mulberry32): fast, and good enough to vary texts. */
function randomFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<Value>(values: readonly Value[], at: number): Value {
  return values[Math.floor(at * values.length)] as Value;
}

/** A share of 1, or a number with its own bound, as digits. */
function digits(value: number, count: number, bound?: number): string {
  const number = bound === undefined ? Math.floor(value * 10 ** count) : Math.min(bound, Math.floor(value));
  return String(number).padStart(count, '0');
}
