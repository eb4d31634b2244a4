import { randomBytes, randomUUID } from 'node:crypto';
import { fromBinary, type DescMethod } from '@bufbuild/protobuf';
import { inventoryV1 } from '@countersign/proto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Principal } from '../doors.js';
import { administratorOf } from '../platform-facts.js';
import { until } from '../until.js';
import {
  BAD_RECEIPTS,
  commandContext,
  DENIED_REQUESTS,
  OTHER_BAD_REQUESTS,
  receipt,
  type BadRequest,
  type Caller,
} from './bad-requests.js';
import { registerPlainItem } from './bulk-order.js';
import { rawCall, isServing, type RawAnswer } from './raw-call.js';
import type { StoryRun } from './story-run.js';
import { principalOf, tokenOf } from './tokens.js';

const { postReceipt } = inventoryV1.StockService.method;
const MIB = 1024 * 1024;

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** Another nation's depot with a clerk of its own. */
async function enrolForeignClerk({ administrator, keys, world }: StoryRun): Promise<Principal> {
  const organisationId = 'depot-deu';
  const id = 'foreign-clerk';
  const founded = '2026-08-01T00:00:00Z';
  const codes = { dodaacs: ['W99DD1'], rics: ['Z8D'] };
  const depot = { organisationId, name: 'Depot', nation: 'DEU', ...codes };
  await administrator.organisations.registerOrganisation({ context: world.context('e2e-foreign-depot', founded), ...depot });
  const person = { personId: id, organisationId, name: 'Clerk', nation: 'DEU', clearance: 'NATO RESTRICTED' };
  await administrator.persons.enrolPerson({ context: world.context('e2e-foreign-clerk', founded), ...person });
  await administrator.principals.registerPersonKey({
    context: world.context('e2e-foreign-clerk-key', founded),
    personId: id,
    publicKey: keys.publicKey(id),
  });
  const appointment = { appointmentId: `${id}-1`, personId: id, roles: ['storage-clerk'], actingFor: 'W99DD1' };
  await administrator.appointments.makeAppointment({
    context: world.context('e2e-foreign-appointment', founded),
    ...appointment,
  });
  return { principalId: id, appointmentId: `${id}-1`, privateKey: keys.privateKey(id) };
}

/** Bad input at the gRPC doors: each has its own status, code and field, and the service goes on. */
export function grpcInputSuite(run: () => StoryRun): void {
  const tokens = new Map<Caller, string>();
  let foreign: Principal;

  beforeAll(async () => {
    foreign = await enrolForeignClerk(run());
    await registerPlainItem(run());
    // His depot's RIC is known to inventory, so that what refuses him is not that he is unknown.
    await until('inventory knowing the other depot', () => run().world.as('clerk').storage.getStorage({ ric: 'Z8D' }));
  });

  async function tokenFor(caller: Caller): Promise<string> {
    const { platform, keys } = run();
    const known = tokens.get(caller);
    if (known !== undefined) return known;
    const principal =
      caller === 'foreignClerk' ? foreign : caller === 'administrator' ? administratorOf(platform) : principalOf(keys, caller);
    const token = await tokenOf(platform, principal);
    tokens.set(caller, token);
    return token;
  }

  async function send({ service, method, body, caller }: Omit<BadRequest, 'name' | 'expected'>): Promise<RawAnswer> {
    const authorization = `Bearer ${await tokenFor(caller)}`;
    return rawCall(run().platform.addresses[service].grpc, pathOf(method), body, { authorization });
  }

  /** Sends a receipt's bytes to inventory with other headers than a clerk's client would send. */
  function sendRaw(body: Uint8Array, headers: Readonly<Record<string, string>>, path = pathOf(postReceipt)): Promise<RawAnswer> {
    return rawCall(run().platform.addresses.inventory.grpc, path, body, headers);
  }

  async function expectRefused(answer: RawAnswer, expected: string, service: BadRequest['service'] = 'inventory'): Promise<void> {
    expect([answer.status, answer.code, answer.field].join(' ')).toBe(expected);
    expect(answer.correlationId).toMatch(/^[\w.-]{8,64}$/);
    expect(answer.facts).toEqual({ correlation_id: answer.correlationId });
    expect(await isServing(run().platform.addresses[service].grpc)).toBe(true);
  }

  it.each([...BAD_RECEIPTS, ...OTHER_BAD_REQUESTS, ...DENIED_REQUESTS])('refuses $name: $expected', async (bad) => {
    await expectRefused(await send(bad), bad.expected, bad.service);
  });

  describe('of which the wire is wrong', () => {
    const malformed = 'INVALID_ARGUMENT MESSAGE_MALFORMED (message)';
    it.each([
      ['random bytes', Buffer.concat([Buffer.from([0x0a, 0xff]), randomBytes(64)]), malformed],
      ['a truncated message', receipt().subarray(0, -3), malformed],
      [
        'a varint of eleven bytes',
        Buffer.concat([receipt(), Buffer.from([0x40, ...Array<number>(10).fill(0xff), 1])]),
        malformed,
      ],
      ['text that is not UTF-8', Buffer.concat([receipt(), Buffer.from([0x12, 0x02, 0xc0, 0x80])]), malformed],
      ['a field of another type', Buffer.concat([receipt(), Buffer.from([0x10, 0x01])]), malformed],
      [
        'a field that no version has',
        Buffer.concat([receipt(), Buffer.from([0xf8, 0x7f, 0x01])]),
        'INVALID_ARGUMENT FIELD_UNKNOWN (message)',
      ],
      ['4 MiB and a byte', Buffer.alloc(4 * MIB + 1), 'RESOURCE_EXHAUSTED MESSAGE_TOO_LARGE -'],
    ])('refuses %s', async (_name, body, expected) => {
      await expectRefused(await send({ service: 'inventory', method: postReceipt, body, caller: 'clerk' }), expected);
    });

    it('takes a message of 4 MiB and judges its content', async () => {
      const body = Buffer.alloc(4 * MIB, receipt({ ric: 'sms' }));
      const { status } = await send({ service: 'inventory', method: postReceipt, body, caller: 'clerk' });
      expect(status).toBe('INVALID_ARGUMENT');
    });

    it.each([
      ['an unknown method', '/countersign.inventory.v1.StockService/DestroyEverything'],
      ['an unknown service', '/countersign.inventory.v9.NoService/PostReceipt'],
      ["another service's method", '/countersign.procurement.v1.OrderService/GetOrder'],
      ['no method at all', '/'],
    ])('refuses %s', async (_name, path) => {
      const authorization = `Bearer ${await tokenFor('clerk')}`;
      await expectRefused(await sendRaw(receipt(), { authorization }, path), 'UNIMPLEMENTED METHOD_UNKNOWN -');
    });

    it('refuses metadata of 32 KiB', async () => {
      const authorization = `Bearer ${await tokenFor('clerk')}`;
      const headers = { authorization, 'x-long': 'x'.repeat(32 * 1024) };
      const answer = await sendRaw(receipt(), headers);
      expect(answer.status).toBe('RESOURCE_EXHAUSTED');
      expect(await isServing(run().platform.addresses.inventory.grpc)).toBe(true);
    });
  });

  describe('of which the token is wrong', () => {
    const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const changed = (token: string, at: number): string => {
      const parts = token.split('.');
      const bytes = Buffer.from(parts[at] ?? '', 'base64url');
      bytes[4] = (bytes[4] ?? 0) ^ 1;
      return parts.with(at, bytes.toString('base64url')).join('.');
    };
    it.each<[string, (token: string) => Record<string, string>]>([
      ['missing', () => ({})],
      ['garbage', () => ({ authorization: 'Bearer garbage' })],
      ['three dots of garbage', () => ({ authorization: 'Bearer a.b.c' })],
      ['of another scheme', (token) => ({ authorization: `Basic ${token}` })],
      ['twice as long', (token) => ({ authorization: `Bearer ${token}${'A'.repeat(9_000)}` })],
      ['changed in its content', (token) => ({ authorization: `Bearer ${changed(token, 1)}` })],
      ['changed in its signature', (token) => ({ authorization: `Bearer ${changed(token, 2)}` })],
      ['without a signature', (token) => ({ authorization: `Bearer ${token.split('.').slice(0, 2).join('.')}.` })],
      [
        'of the algorithm none',
        (token) => ({ authorization: `Bearer ${segment({ alg: 'none' })}.${token.split('.')[1] ?? ''}.AA` }),
      ],
    ])('refuses one that is %s, always with the same words', async (_name, headersOf) => {
      const answer = await sendRaw(receipt(), headersOf(await tokenFor('clerk')));
      await expectRefused(answer, 'UNAUTHENTICATED UNAUTHENTICATED -');
      expect(answer.message).toBe((await sendRaw(receipt(), {})).message);
    });
  });

  it('refuses the same command id with another request, and repeats its answer for the same one', async () => {
    const context = commandContext();
    const call = (quantity: bigint): Promise<RawAnswer> =>
      send({ service: 'inventory', method: postReceipt, caller: 'clerk', body: receipt({ context, quantity }) });
    // The sound receipt that all bad ones were made of: it is accepted, so nothing but the change was refused.
    const first = await call(3n);
    expect([first.status, first.code]).toEqual(['OK', '']);
    expect(first.correlationId).toMatch(/^[\w.-]{8,64}$/);
    await expectRefused(await call(4n), 'ALREADY_EXISTS COMMAND_ID_REUSED command_id');
    const again = fromBinary(postReceipt.output, (await call(3n)).body);
    expect(again.outcome?.replayed).toBe(true);
    expect(again.outcome?.recorded).toEqual(fromBinary(postReceipt.output, first.body).outcome?.recorded);
    const other = receipt({ context: { ...context, commandId: randomUUID() }, quantity: 3n });
    const repeated = await send({ service: 'inventory', method: postReceipt, caller: 'clerk', body: other });
    await expectRefused(repeated, 'ALREADY_EXISTS RECEIPT_EXISTS document_number');
  });
}
