/** One line of the table: what is judged, against whom, and where it should be. */
export interface Goal {
  readonly id: string;
  readonly stage: string;
  readonly peer: string;
  /** What the unit of the figures is; `×` is the ratio to the peer in the same round. */
  readonly unit: '×' | 'events/s' | 'rows/s' | 'queries/s' | 'events' | '% of CPU' | 'MiB';
  /** What the median should reach. Absent: published only. */
  readonly goal?: number;
  /** What every round must keep; decides the exit code. */
  readonly floor?: number;
  readonly direction: 'at least' | 'at most';
  /** Whether performance goals of the design name it; the others are ours. */
  readonly own?: true;
  /** Why it has no number in this version. */
  readonly noNumberYet?: string;
  /** Hand-written, for a goal that is missed: what limits it. */
  readonly limitedBy?: string;
}

const atLeast = (goal: number, floor: number): Pick<Goal, 'unit' | 'direction' | 'goal' | 'floor'> => ({
  unit: '×',
  direction: 'at least',
  goal,
  floor,
});
const published = { unit: '×', direction: 'at least', own: true } as const;

const EMMETT = 'emmett-postgresql';

/** Positions are dense and in commit order because appends hold one lock, the commit's fsync included. */
const ONE_ORDER =
  'appends settle one after the other under the lock of the head, fsync included, which is what makes positions dense and in commit order; ' +
  'an event is three rows, four index entries and some 2.2 KB on disk';
/** Measured: 260 ns for one byte, 290 ns for 106. */
const ONE_CALL_A_HASH =
  'two calls of the one-shot hash a leaf take 0.6 of its 0.95 µs, and cost the same whatever they hash: four fifths of them is the way into the library and back; ' +
  "the naive tree's createHash costs 4.3 times as much on this Node, which bounds the ratio";

/** Closed: a row can give numbers for these ids only. */
export const GOALS = [
  { id: 'P1', stage: 'durable append, full semantics, C=32', peer: EMMETT, ...atLeast(10, 5), limitedBy: ONE_ORDER },
  { id: 'P1-p99', stage: 'its p99', peer: EMMETT, unit: '×', direction: 'at most', goal: 0.25, limitedBy: ONE_ORDER },
  { id: 'P1k', stage: 'the same, with two natural keys for each stream', peer: `${EMMETT}, without`, ...published },
  { id: 'P1c', stage: 'whole command (decide, seal, encrypt, append), C=32', peer: `${EMMETT}, command handling`, ...published },
  { id: 'P2', stage: 'durable append, C=256', peer: EMMETT, ...atLeast(15, 8), limitedBy: ONE_ORDER },
  { id: 'P2-p99', stage: 'its p99', peer: EMMETT, unit: '×', direction: 'at most', goal: 0.4, limitedBy: ONE_ORDER },
  { id: 'P2k', stage: 'the same, with two natural keys for each stream', peer: `${EMMETT}, without`, ...published },
  { id: 'P2c', stage: 'whole command, C=256', peer: `${EMMETT}, command handling`, ...published },
  {
    id: 'P3',
    stage: 'durable append, C=256',
    peer: 'pgbench, one transaction per event, C=32',
    ...atLeast(2.5, 1.4),
    limitedBy: ONE_ORDER,
  },
  { id: 'P4', stage: 'durable append, C=32', peer: 'TypeORM save() in a transaction', ...atLeast(12, 5), limitedBy: ONE_ORDER },
  {
    id: 'P5',
    stage: 'lone caller, C=1, p50',
    peer: 'pg, one CTE statement',
    unit: '×',
    direction: 'at most',
    goal: 1.25,
    floor: 1.5,
    limitedBy:
      'one fsync is most of what both wait for; ours writes three rows and twice the bytes, inside a function that takes the lock first',
  },
  { id: 'P6', stage: 'slow disk (+2 ms per fsync), C=256', peer: EMMETT, ...atLeast(15, 10) },
  {
    id: 'P7',
    stage: 'delivery after commit, 2,000/s, p50',
    peer: 'relay that polls every 100 ms',
    unit: '×',
    direction: 'at most',
    goal: 0.01,
    floor: 0.02,
  },
  {
    id: 'P7-idle',
    stage: 'queries of an idle relay',
    peer: 'none',
    unit: 'queries/s',
    direction: 'at most',
    goal: 0,
    limitedBy: 'an idle relay asks for nothing but the renewal of its lease, by which another replica knows that it lives',
  },
  { id: 'P7-lost', stage: 'events lost by the relay', peer: 'none', unit: 'events', direction: 'at most', goal: 0, floor: 0 },
  { id: 'P8', stage: 'append with the relay running', peer: 'append with the relay off', ...atLeast(0.9, 0.8) },
  { id: 'P9', stage: 'publish to Kafka, 1,000 a send', peer: 'kafkajs, one send per event, 64 in flight', ...atLeast(5, 4) },
  { id: 'P10', stage: 'canonical bytes and hash', peer: 'canonicalize and createHash', ...atLeast(1.8, 1.5) },
  { id: 'P11', stage: 'tree integration, 1 M leaves', peer: 'naive RFC 6962', ...atLeast(6, 3.5), limitedBy: ONE_CALL_A_HASH },
  { id: 'P11-m', stage: 'tree integration, 1 M leaves', peer: 'merkletreejs', ...atLeast(3, 2.5), limitedBy: ONE_CALL_A_HASH },
  { id: 'P12', stage: 'append one leaf at size 1 M', peer: 'rebuild of the tree', ...atLeast(100_000, 10_000) },
  { id: 'P13', stage: 'GetProof unary, h2load, C=64', peer: 'trivial grpc-js handler', ...atLeast(0.85, 0.7) },
  { id: 'P14', stage: 'GetProofs, 100 a call', peer: 'own unary, same client', ...atLeast(10, 8) },
  { id: 'P15', stage: 'proof from warm tiles', peer: 'one PostgreSQL read per request', ...atLeast(30, 20) },
  { id: 'P16', stage: 'Nest on hot methods', peer: 'bare grpc-js handler', ...atLeast(0.9, 0.75) },
  {
    id: 'P17',
    stage: 'anchoring, events per second at ≤ 1 transaction/s',
    peer: 'one chain transaction per event',
    ...atLeast(10, 5),
  },
  { id: 'P18', stage: 'end to end, event to tree', peer: 'textbook pipeline', ...atLeast(8, 5) },
  { id: 'P19', stage: 'entries per second', peer: 'Tessera on POSIX', ...atLeast(3, 2) },
  { id: 'P20', stage: 'signing at 10,000 events/s', peer: 'none', unit: '% of CPU', direction: 'at most', goal: 1 },
  {
    id: 'P21',
    stage: 'append, C=256',
    peer: 'pgbench, 100 rows per statement (event and outbox)',
    ...atLeast(0.6, 0.2),
    limitedBy: `pgbench commits on eight connections and both processors, and stores 40 % of the bytes; ${ONE_ORDER}`,
  },
  { id: 'P22', stage: 'append to a log of 10 M events', peer: 'the same at 10 k events', ...atLeast(0.85, 0.7) },
  { id: 'P22-proof', stage: 'proof from a tree of 10 M leaves', peer: 'the same at 10 k leaves', ...atLeast(0.85, 0.7) },
  { id: 'P22-tail', stage: 'reading the end of a log of 10 M events', peer: 'the same at 10 k events', ...published },
  { id: 'P23', stage: 'command on a stream of 100 k events', peer: 'the same on a stream of 10', ...atLeast(0.8, 0.6) },
  { id: 'P23-cold', stage: 'its first command after a restart', peer: 'the same on a stream of 10', ...published },
  {
    id: 'P24',
    stage: 'audit of a whole log, 2 cores',
    peer: 'none',
    unit: 'events/s',
    direction: 'at least',
    goal: 100_000,
    floor: 20_000,
  },
  { id: 'hot', stage: 'append to Zipf-hot streams with conflicts, C=32', peer: EMMETT, ...published },
  { id: 'five', stage: 'five events a command, C=32', peer: EMMETT, ...published },
  { id: 'conflicts', stage: 'the other commands while 50 % conflict', peer: 'a clean run', own: true, ...atLeast(0.5, 0.35) },
  {
    id: 'poison',
    stage: 'the neighbours of one poisoned command per batch',
    peer: 'a clean run',
    unit: '×',
    direction: 'at least',
    goal: 0.9,
    own: true,
  },
  { id: 'overload', stage: 'accepted at 2× the peak, open loop', peer: 'the peak', own: true, ...atLeast(0.9, 0.7) },
  {
    id: 'overload-p99',
    stage: 'p99 of the accepted at 2× the peak',
    peer: 'p99 at 0.8× the peak',
    unit: '×',
    direction: 'at most',
    goal: 3,
    own: true,
  },
  {
    id: 'overload-memory',
    stage: 'growth of resident memory at 2× the peak',
    peer: 'none',
    unit: 'MiB',
    direction: 'at most',
    goal: 256,
    floor: 512,
    own: true,
  },
  { id: 'replicas', stage: 'two processes on one log', peer: 'one process', ...published },
  {
    id: 'quarter',
    stage: 'the real quarter, first row on Kafka to last event anchored',
    peer: 'none',
    unit: 'rows/s',
    direction: 'at least',
    own: true,
  },
] as const satisfies readonly Goal[];

export type GoalId = (typeof GOALS)[number]['id'];

export function goalOf(id: GoalId): Goal {
  const goal: Goal | undefined = GOALS.find((each) => each.id === id);
  if (goal === undefined) throw new Error(`no goal is called ${id}`);
  return goal;
}
