import { ROLES, type Actor, type ErrorCode, type Role } from '@countersign/kernel';

/** An rpc as its descriptor names it. */
export interface MatrixMethod {
  readonly name: string;
  readonly parent: { readonly typeName: string; readonly file: { readonly name: string } };
  readonly input: { readonly fields: readonly { readonly name: string }[] };
}

/** What a door told a caller. */
export type MatrixAnswer =
  { readonly code: 'OK' } | { readonly code: ErrorCode; readonly message: string; readonly violations: readonly object[] };

/** A service's doors on a state of its own, with nothing shared between two of them. */
export interface MatrixWorld<Method extends MatrixMethod> {
  call(method: Method, request: object, token?: string): Promise<MatrixAnswer>;
  /** Number of records, so that a refused call is seen to record nothing. */
  size(): Promise<bigint>;
}

/** An organisation whose people call. */
export interface MatrixOrganisation {
  readonly id: string;
  /** DoDAACs or CAGE codes its people act for. */
  readonly codes: readonly [string, ...string[]];
}

/** Somebody who calls: of one organisation, for one code, with one role or none. */
export type MatrixCaller = Omit<Actor, 'pseudonym'>;

/** Who is let in. What is left out does not matter. */
export interface Grant {
  readonly roles?: readonly Role[];
  readonly of?: readonly string[];
  readonly actingFor?: readonly string[];
  readonly principals?: readonly string[];
}

type Refusal = ErrorCode | ((caller: MatrixCaller) => ErrorCode);

/** The access rule of one rpc, as its contract states it. */
export interface AccessRow<Method extends MatrixMethod, World> {
  readonly method: Method;
  /** The sentences of the contract this row stands for, word for word: the comment of the rpc, or of its service. */
  readonly contract: string;
  /** Tells rows of one rpc apart. */
  readonly about?: string;
  /** Whoever calls, also without a token. */
  readonly open?: true;
  readonly grants?: readonly Grant[];
  /** To callers whose role is in no grant. Default PERMISSION_DENIED. */
  readonly wrongRole?: Refusal;
  /** To callers with the role but of another organisation, or for another code. Default NOT_FOUND. */
  readonly foreign?: Refusal;
  /** A request that is right in all else. Called once a call. */
  readonly request: (world: World) => object | Promise<object>;
  /** The same request about something that does not exist. Needed where a foreign thing is NOT_FOUND: the two answers must be one. */
  readonly absent?: (world: World) => object | Promise<object>;
  /** State in which the right caller succeeds. */
  readonly stage?: string;
}

export interface AccessMatrixOptions<Method extends MatrixMethod, World extends MatrixWorld<Method>> {
  /** Every rpc that the service serves. */
  readonly methods: readonly Method[];
  readonly rows: readonly AccessRow<Method, World>[];
  readonly organisations: readonly MatrixOrganisation[];
  /** Callers beside all combinations of organisation, code and role. */
  readonly others?: readonly MatrixCaller[];
  readonly open: (stage: string | undefined) => Promise<World>;
  readonly tokenOf: (caller: MatrixCaller, change?: Readonly<Record<string, unknown>>) => Promise<string>;
}

/** Code by caller. */
export type Answers = Readonly<Record<string, string>>;

/** Every rpc of a service, called by everybody. */
export interface AccessMatrix<Row> {
  /** Rpcs without a row. */
  readonly missing: readonly string[];
  readonly rows: readonly (readonly [name: string, row: Row])[];
  /** What the contract promises each caller. */
  expected(row: Row): Answers;
  /** What the doors tell each caller. Those who are refused share one state, and it must not change. */
  answers(row: Row): Promise<Answers>;
  /** What strangers are told about a thing that exists and one that does not; undefined if the row has no such rule. */
  hints(row: Row): Promise<{ readonly existing: readonly MatrixAnswer[]; readonly absent: readonly MatrixAnswer[] } | undefined>;
}

/** No token, no token at all, and a token of yesterday: before anything else is looked at. */
const TOKENLESS = ['no token', 'garbage', 'expired'] as const;

export function createAccessMatrix<Method extends MatrixMethod, World extends MatrixWorld<Method>>(
  options: AccessMatrixOptions<Method, World>,
): AccessMatrix<AccessRow<Method, World>> {
  const callers = [...callersOf(options.organisations), ...(options.others ?? [])];
  const covered = new Set(options.rows.map(({ method }) => pathOf(method)));
  return {
    missing: options.methods.map(pathOf).filter((path) => !covered.has(path)),
    rows: options.rows.map((row) => [row.about === undefined ? pathOf(row.method) : `${pathOf(row.method)} ${row.about}`, row]),
    expected: (row) =>
      Object.fromEntries([
        ...TOKENLESS.map((name) => [name, row.open === true ? 'OK' : 'UNAUTHENTICATED']),
        ...callers.map((caller) => [nameOf(caller), promised(row, caller)]),
      ]),
    answers: (row) => answersOf(options, callers, row),
    hints: (row) => hintsOf(options, callers, row),
  };
}

function callersOf(organisations: readonly MatrixOrganisation[]): readonly MatrixCaller[] {
  return organisations.flatMap(({ id, codes }) =>
    codes.flatMap((actingFor) =>
      [undefined, ...ROLES].map((role) => ({
        principalId: `${role ?? 'nobody'}-of-${id}`,
        organisationId: id,
        actingFor,
        nation: 'USA',
        roles: role === undefined ? [] : [role],
      })),
    ),
  );
}

function nameOf({ principalId, actingFor }: MatrixCaller): string {
  return `${principalId} for ${actingFor}`;
}

function pathOf({ name, parent }: MatrixMethod): string {
  return `${parent.typeName}/${name}`;
}

function promised<Method extends MatrixMethod, World>(row: AccessRow<Method, World>, caller: MatrixCaller): string {
  const { open = false, grants = [], wrongRole = 'PERMISSION_DENIED', foreign = 'NOT_FOUND' } = row;
  if (open || grants.some((grant) => hasRole(grant, caller) && isOurs(grant, caller))) return 'OK';
  const refusal = grants.some((grant) => hasRole(grant, caller)) ? foreign : wrongRole;
  return typeof refusal === 'function' ? refusal(caller) : refusal;
}

function hasRole({ roles }: Grant, caller: MatrixCaller): boolean {
  return roles === undefined || caller.roles.some((role) => roles.includes(role));
}

function isOurs({ of, actingFor, principals }: Grant, caller: MatrixCaller): boolean {
  return (
    (of?.includes(caller.organisationId) ?? true) &&
    (actingFor?.includes(caller.actingFor) ?? true) &&
    (principals?.includes(caller.principalId) ?? true)
  );
}

async function answersOf<Method extends MatrixMethod, World extends MatrixWorld<Method>>(
  { open, tokenOf, organisations: [first] }: AccessMatrixOptions<Method, World>,
  callers: readonly MatrixCaller[],
  row: AccessRow<Method, World>,
): Promise<Answers> {
  const shared = await open(row.stage);
  const isCommand = row.method.input.fields.some(({ name }) => name === 'context');
  const ask = async (world: World, token?: string): Promise<string> =>
    (await world.call(row.method, await row.request(world), token)).code;
  const before = await shared.size();
  const [somebody] = callersOf(first === undefined ? [] : [first]);
  const expired = somebody === undefined ? '' : await tokenOf(somebody, { iat: 1_700_000_000, exp: 1_700_000_600 });
  const answers: Record<string, string> = {};
  for (const [name, token] of [['no token'], ['garbage', 'a.b.c'], ['expired', expired]] as const) {
    answers[name] = await ask(shared, token);
  }
  for (const caller of callers) {
    // A command that succeeds leaves another state behind.
    const world = isCommand && promised(row, caller) === 'OK' ? await open(row.stage) : shared;
    answers[nameOf(caller)] = await ask(world, await tokenOf(caller));
  }
  if ((await shared.size()) !== before) answers['the log'] = 'a refused call recorded something';
  return answers;
}

async function hintsOf<Method extends MatrixMethod, World extends MatrixWorld<Method>>(
  { open, tokenOf }: AccessMatrixOptions<Method, World>,
  callers: readonly MatrixCaller[],
  row: AccessRow<Method, World>,
): ReturnType<AccessMatrix<AccessRow<Method, World>>['hints']> {
  const strangers = callers.filter((caller) => promised(row, caller) === 'NOT_FOUND');
  if (strangers.length === 0) return undefined;
  if (row.absent === undefined) throw new Error(`${pathOf(row.method)}: what is asked about a thing that does not exist?`);
  const world = await open(row.stage);
  const existing: MatrixAnswer[] = [];
  const absent: MatrixAnswer[] = [];
  for (const stranger of strangers) {
    const token = await tokenOf(stranger);
    existing.push(await world.call(row.method, await row.request(world), token));
    absent.push(await world.call(row.method, await row.absent(world), token));
  }
  return { existing, absent };
}
