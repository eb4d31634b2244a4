import { createHash, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createMemoryJournal, type CommandOutcome, type MemoryJournal } from '@countersign/event-log';
import {
  parseRic,
  PersistentList,
  type Actor,
  type CommandEnvelope,
  type JsonObject,
  type Niin,
  type Quantity,
  type Rfc3339,
  type Role,
} from '@countersign/kernel';
import { rawPublicKey, signEd25519 } from '@countersign/merkle';
import { canonicalJson } from '@countersign/record';
import { ASSET } from './asset/asset.js';
import { EndSuspicionHandler } from './asset/end-suspicion.handler.js';
import * as builders from './builders.js';
import { RegisterItemHandler } from './catalogue/register-item.handler.js';
import { AnswerOfferHandler } from './custody/answer-offer.handler.js';
import { ConfirmDeliveryHandler } from './custody/confirm-delivery.handler.js';
import { CUSTODY } from './custody/custody.js';
import { getCustody } from './custody/get-custody.query.js';
import { OfferCustodyHandler } from './custody/offer-custody.handler.js';
import { DUE_IN } from './due-in/due-in.js';
import { factOf, NOTICE, RELEASED } from './facts.builders.js';
import { onCodeAssigned, onCodeReleased } from './reactions/code-assigned.consumer.js';
import { onRequisitionReleased } from './reactions/requisition-released.consumer.js';
import { onShipmentNoticeSent } from './reactions/shipment-notice-sent.consumer.js';
import type { RecordReference } from './record-reference.js';
import { getStock } from './stock/get-stock.query.js';
import { IssueMaterielHandler } from './stock/issue-materiel.handler.js';
import { PostReceiptHandler, type ReceiptStatement } from './stock/post-receipt.handler.js';
import { ReverseTransactionHandler } from './stock/reverse-transaction.handler.js';
import type { RegisterItem } from './catalogue/register-item.decider.js';

const { DEPOT, UNIT, CARRIER, SUPPLIER, CLERK, RIC, NSN, NIIN, PIID, SHIPMENT, UII, OTHER_UII, TCN, TALLY } = builders;

const UNIT_NAME = { tcn: TCN, piece: 1 };
const LABORATORY = generateKeyPairSync('ed25519');

function actor(organisationId: string, person: string, ...roles: Role[]): Actor {
  return { principalId: person, pseudonym: `pseudonym-${person}`, organisationId, actingFor: 'W99DP1', nation: 'USA', roles };
}

const MANAGER = actor(DEPOT, 'person-manager', 'item-manager');
const STORE_CLERK = actor(DEPOT, CLERK, 'storage-clerk');
const INSPECTOR = actor(DEPOT, 'person-inspector', 'inspector');
const DEPOT_CUSTODIAN = actor(DEPOT, 'person-dispatcher', 'custodian');
const DRIVER = actor(CARRIER, 'person-driver', 'custodian');
const RECEIVER = actor(UNIT, 'person-receiver', 'custodian');
const STRANGER = actor(SUPPLIER, 'person-stranger', 'custodian', 'inspector', 'storage-clerk', 'item-manager');
const AUDITOR = actor('nld-auditor', 'person-auditor', 'auditor');

function envelope(by: Actor, eventTime = '2026-11-03T07:00:00Z', commandId: string = randomUUID()): CommandEnvelope {
  return { commandId, actor: by, eventTime, correlationId: randomUUID(), request: Buffer.from(commandId) };
}

let journal: MemoryJournal;

beforeEach(() => {
  journal = createMemoryJournal();
});

async function prepared(): Promise<void> {
  await onCodeAssigned(journal)(factOf({ kind: 'ric', code: RIC, organisationId: DEPOT }));
  await new RegisterItemHandler(journal).handle(envelope(MANAGER), builders.itemRegistered().data as RegisterItem);
  await onShipmentNoticeSent(journal)(factOf(NOTICE));
}

function receiptStatement(uiis: readonly string[], change: Partial<ReceiptStatement> = {}): ReceiptStatement {
  const { organisationId: _o, postedBy: _p, eventTime: _t, ...statement } = builders.receiptOf(uiis);
  return { ...statement, ...change };
}

function receive(
  by: Actor = STORE_CLERK,
  statement = receiptStatement([UII, OTHER_UII]),
): ReturnType<PostReceiptHandler['handle']> {
  return new PostReceiptHandler(journal).handle(envelope(by, '2026-10-30T09:00:00Z'), statement);
}

const BROKER = {
  documentNumber: 'W99DP163040001' as ReceiptStatement['documentNumber'],
  supplierCage: '9Z9Z9',
  piid: '',
  shipmentNumber: '',
};

function issue(by: Actor = STORE_CLERK, uii = UII): ReturnType<IssueMaterielHandler['handle']> {
  const { organisationId: _o, ...statement } = builders.issueOf([uii]);
  return new IssueMaterielHandler(journal).handle(envelope(by), statement);
}

function laboratoryResult(result: string, change: JsonObject = {}, key: KeyObject = LABORATORY.privateKey): string {
  const text = (value: JsonObject): string => canonicalJson(value).toString('base64url');
  const header = text({ alg: 'EdDSA', kid: 'person-laboratory' });
  const payload = text({ uii: UII, result, report: 'LAB-77', examined_at: '2026-11-01T08:00:00Z', ...change });
  return `${header}.${payload}.${signEd25519(key, Buffer.from(`${header}.${payload}`)).toString('base64url')}`;
}

const suspicion = (roles: readonly string[] = ['inspector']): EndSuspicionHandler =>
  new EndSuspicionHandler(journal, {
    resolve: (id) =>
      Promise.resolve(id === 'person-laboratory' ? { publicKey: rawPublicKey(LABORATORY.publicKey), roles } : undefined),
  });

const offerTo = (by: Actor, taker: string): ReturnType<OfferCustodyHandler['handle']> =>
  new OfferCustodyHandler(journal).handle(envelope(by), {
    unit: UNIT_NAME,
    taker,
    tally: TALLY,
    expiresAt: '2026-11-04T07:00:00Z' as Rfc3339,
  });

const accept = (by: Actor, offer: RecordReference, tallyDigest: string): Promise<CommandOutcome<null>> =>
  new AnswerOfferHandler(journal, journal).accept(envelope(by), { unit: UNIT_NAME, offer }, tallyDigest);

function referenceTo(outcome: CommandOutcome<unknown>, name: string): RecordReference {
  const recorded = outcome.recorded.find(({ type }) => type === `countersign.inventory.${name}.v1`);
  if (recorded === undefined) throw new Error(`${name} was not recorded`);
  return recorded;
}

const namesOf = (outcome: CommandOutcome<unknown>): string[] => outcome.recorded.map(({ type }) => type.split('.')[2] ?? '');
const refusal = (code: string): object => expect.objectContaining({ code });

describe('from notice to delivery', () => {
  it('each step is its own fact, in the right streams', async () => {
    await prepared();
    expect(await journal.read(DUE_IN, `${PIID}/${SHIPMENT}`)).toMatchObject({ quantity: 2, received: 0, ric: RIC });
    expect(await journal.read(ASSET, UII)).toMatchObject({ status: 'IN_TRANSIT', piid: PIID });

    const receipt = await receive();
    expect(namesOf(receipt)).toEqual(['MaterielReceiptPosted', 'DueInReceived', 'AssetReceived', 'AssetReceived']);
    expect(await journal.read(DUE_IN, `${PIID}/${SHIPMENT}`)).toMatchObject({ received: 2 });

    await onRequisitionReleased(journal)(factOf(RELEASED));
    const issued = await issue();
    expect(namesOf(issued)).toEqual(['MaterielIssued', 'ReleaseOrderIssued', 'CustodyHeld', 'AssetIssued']);

    for (const [giver, taker] of [
      [DEPOT_CUSTODIAN, DRIVER],
      [DRIVER, RECEIVER],
    ] as const) {
      const offer = await offerTo(giver, taker.organisationId);
      const view = await getCustody(journal, journal, UNIT_NAME, taker);
      if (view.offer === null) throw new Error('no offer to see');
      expect(view.offer.terms.tallyDigest).toBe(offer.result.tallyDigest);
      expect(referenceTo(offer, 'CustodyOffered')).toMatchObject({ position: view.offer.position });
      expect(namesOf(await accept(taker, view.offer, view.offer.terms.tallyDigest))).toEqual(['CustodyAccepted']);
    }
    expect(await journal.read(CUSTODY, `${TCN}/1`)).toMatchObject({
      status: 'HELD',
      holders: PersistentList.of(DEPOT, CARRIER, UNIT),
    });

    const delivered = await new ConfirmDeliveryHandler(journal).handle(envelope(RECEIVER), {
      unit: UNIT_NAME,
      quantity: 1 as Quantity,
      uiis: [UII],
    });
    expect(namesOf(delivered)).toEqual(['DeliveryConfirmed', 'AssetDelivered']);
    expect(await journal.read(ASSET, UII)).toMatchObject({ status: 'DELIVERED', tcn: TCN });
  });

  it('a tally digest can be recomputed from what the taker is shown', async () => {
    await prepared();
    await receive();
    await onRequisitionReleased(journal)(factOf(RELEASED));
    await issue();
    await offerTo(DEPOT_CUSTODIAN, CARRIER);
    const { offer, custody } = await getCustody(journal, journal, UNIT_NAME, DRIVER);
    if (offer === null) throw new Error('no offer');
    const { tally, tallySalt, tallyDigest } = offer.terms;
    const content = { ...tally, tcn: TCN, piece: 1, quantity: custody.unit.quantity, uiis: [...custody.unit.uiis].sort() };
    const recomputed = createHash('sha256')
      .update('countersign/tally/v1\0')
      .update(Buffer.from(tallySalt, 'hex'))
      .update(canonicalJson({ ...content, seals: [...tally.seals], forms: [...tally.forms] }));
    expect(recomputed.digest('hex')).toBe(tallyDigest);
  });

  it('repeated facts and repeated commands add nothing', async () => {
    await prepared();
    const size = await journal.size();
    const again = factOf(NOTICE);
    await onShipmentNoticeSent(journal)(again);
    expect(await journal.size()).toBe(size);

    const command = envelope(STORE_CLERK, '2026-10-30T09:00:00Z');
    const first = await new PostReceiptHandler(journal).handle(command, receiptStatement([UII, OTHER_UII]));
    const second = await new PostReceiptHandler(journal).handle(command, receiptStatement([UII, OTHER_UII]));
    expect(second).toEqual({ ...first, replayed: true });
  });
});

describe('a counterfeit attempt', () => {
  const attempt = async (): ReturnType<PostReceiptHandler['handle']> => {
    await prepared();
    await receive();
    return receive(STORE_CLERK, receiptStatement([UII], BROKER));
  };

  it('succeeds as a fact, and holds both items', async () => {
    const outcome = await attempt();
    expect(namesOf(outcome)).toEqual(['SuspectMaterielPosted', 'CloneAlert', 'HoldPlaced', 'UnitsHeld']);
    expect(outcome.result.suspectUiis).toEqual([UII]);
    const stock = await getStock(journal, parseRic(RIC, 'ric'), NIIN as Niin, STORE_CLERK);
    expect(stock.issuable).toBe(1);
    expect(stock.balances).toEqual([
      { condition: 'A', onHand: 2, held: 1, uiis: [UII, OTHER_UII] },
      { condition: 'L', onHand: 1, held: 1, uiis: [UII] },
    ]);
  });

  it('keeps the genuine item from being issued until it is released by a signed result', async () => {
    await attempt();
    await onRequisitionReleased(journal)(factOf(RELEASED));
    await expect(issue()).rejects.toEqual(refusal('ASSET_HELD'));
    const released = await suspicion().releaseHold(envelope(INSPECTOR), UII, laboratoryResult('AUTHENTIC'));
    expect(namesOf(released)).toEqual(['AuthenticityConfirmed', 'HoldReleased', 'UnitsFreed']);
    expect(namesOf(await issue())).toContain('MaterielIssued');
    expect(await getStock(journal, parseRic(RIC, 'ric'), NIIN as Niin, STORE_CLERK)).toMatchObject({ issuable: 1 });
  });

  it('confirmed never becomes issuable', async () => {
    await attempt();
    await suspicion().confirmCounterfeit(envelope(INSPECTOR), UII, laboratoryResult('COUNTERFEIT'));
    await onRequisitionReleased(journal)(factOf(RELEASED));
    await expect(issue()).rejects.toEqual(refusal('ASSET_HELD'));
    await expect(suspicion().releaseHold(envelope(INSPECTOR), UII, laboratoryResult('AUTHENTIC'))).rejects.toEqual(
      refusal('ASSET_NOT_HELD'),
    );
  });

  it.each<[string, string, readonly string[], string]>([
    [
      'signed by another key',
      laboratoryResult('AUTHENTIC', {}, generateKeyPairSync('ed25519').privateKey),
      ['inspector'],
      'RESULT_SIGNATURE_INVALID',
    ],
    ['of a signer who is no inspector', laboratoryResult('AUTHENTIC'), ['custodian'], 'RESULT_SIGNATURE_INVALID'],
    ['about another item', laboratoryResult('AUTHENTIC', { uii: OTHER_UII }), ['inspector'], 'RESULT_DIFFERS'],
    ['with a member too many', laboratoryResult('AUTHENTIC', { note: 'x' }), ['inspector'], 'FIELD_INVALID'],
    ['that is no JWS', 'a.b.c', ['inspector'], 'FIELD_INVALID'],
  ])('is not ended by a result %s', async (_case, jws, roles, code) => {
    await attempt();
    await expect(suspicion(roles).releaseHold(envelope(INSPECTOR), UII, jws)).rejects.toEqual(refusal(code));
  });
});

describe('a correction', () => {
  it('names its original by position and digest, once', async () => {
    await prepared();
    const receipt = await receive();
    const original = referenceTo(receipt, 'MaterielReceiptPosted');
    const reversals = new ReverseTransactionHandler(journal, journal);
    const statement = { ric: RIC, nsn: NSN, original, quantity: 2 as Quantity, reason: 'posted to the wrong shipment' };
    const reversed = await reversals.handle(envelope(MANAGER), statement);
    expect(namesOf(reversed)).toEqual([
      'TransactionReversed',
      'AssetReceiptReversed',
      'AssetReceiptReversed',
      'DueInReceiptReversed',
    ]);
    expect(await journal.read(ASSET, UII)).toMatchObject({ status: 'IN_TRANSIT' });
    await expect(reversals.handle(envelope(MANAGER), statement)).rejects.toEqual(refusal('TRANSACTION_REVERSED'));
    expect(namesOf(await receive())).toContain('MaterielReceiptPosted');
  });

  it('refuses a digest that is not the record’s, and a position beyond the log', async () => {
    await prepared();
    const { position } = referenceTo(await receive(), 'MaterielReceiptPosted');
    const reversals = new ReverseTransactionHandler(journal, journal);
    const naming = (original: RecordReference): Promise<unknown> =>
      reversals.handle(envelope(MANAGER), { ric: RIC, nsn: NSN, original, quantity: 2 as Quantity, reason: 'x' });
    await expect(naming({ position, recordDigest: new Uint8Array(32) })).rejects.toEqual(refusal('RECORD_REFERENCE_WRONG'));
    await expect(naming({ position: 2n ** 63n, recordDigest: new Uint8Array(32) })).rejects.toEqual(
      refusal('RECORD_REFERENCE_WRONG'),
    );
  });

  it('of an issue puts everything back', async () => {
    await prepared();
    await receive();
    await onRequisitionReleased(journal)(factOf(RELEASED));
    const original = referenceTo(await issue(), 'MaterielIssued');
    const reversed = await new ReverseTransactionHandler(journal, journal).handle(envelope(MANAGER), {
      ...{ ric: RIC, nsn: NSN, original, reason: 'picked the wrong item' },
      quantity: 1 as Quantity,
    });
    expect(namesOf(reversed)).toEqual([
      'TransactionReversed',
      'CustodyVoided',
      'ReleaseOrderIssueReversed',
      'AssetIssueReversed',
    ]);
    expect(await journal.read(ASSET, UII)).toMatchObject({ status: 'IN_STOCK' });
    expect(namesOf(await issue())).toContain('CustodyHeld');
  });
});

describe('who may do what', () => {
  it('only the organisation that the RIC belongs to writes its ledger', async () => {
    await prepared();
    await expect(receive(STRANGER)).rejects.toEqual(refusal('PERMISSION_DENIED'));
    await expect(issue(STRANGER)).rejects.toEqual(refusal('PERMISSION_DENIED'));
  });

  it('only the role that a duty needs does it', async () => {
    await prepared();
    await expect(receive(MANAGER)).rejects.toEqual(refusal('PERMISSION_DENIED'));
    await expect(
      new RegisterItemHandler(journal).handle(envelope(STORE_CLERK), builders.itemRegistered().data as RegisterItem),
    ).rejects.toEqual(refusal('PERMISSION_DENIED'));
    await expect(offerTo(STORE_CLERK, CARRIER)).rejects.toEqual(refusal('PERMISSION_DENIED'));
    await expect(suspicion().releaseHold(envelope(STORE_CLERK), UII, laboratoryResult('AUTHENTIC'))).rejects.toEqual(
      refusal('PERMISSION_DENIED'),
    );
  });

  it('whoever was given no part gets the answer of a missing thing', async () => {
    await prepared();
    await receive();
    await onRequisitionReleased(journal)(factOf(RELEASED));
    await issue();
    const missing = refusal('NOT_FOUND');
    await expect(getCustody(journal, journal, UNIT_NAME, STRANGER)).rejects.toEqual(missing);
    await expect(getCustody(journal, journal, { tcn: 'X'.repeat(17), piece: 1 }, STRANGER)).rejects.toEqual(missing);
    await expect(getStock(journal, parseRic(RIC, 'ric'), NIIN as Niin, STRANGER)).rejects.toEqual(missing);
    await expect(offerTo(STRANGER, CARRIER)).rejects.toEqual(missing);
    await expect(suspicion().releaseHold(envelope(STRANGER), UII, laboratoryResult('AUTHENTIC'))).rejects.toEqual(missing);
    await expect(getCustody(journal, journal, UNIT_NAME, DRIVER)).rejects.toEqual(missing);
    await offerTo(DEPOT_CUSTODIAN, CARRIER);
    expect(await getCustody(journal, journal, UNIT_NAME, DRIVER)).toMatchObject({ custody: { status: 'OFFERED' } });
    expect(await getCustody(journal, journal, UNIT_NAME, RECEIVER)).toMatchObject({ custody: { status: 'OFFERED' } });
    // Auditors read evidence, at its own door.
    await expect(getStock(journal, parseRic(RIC, 'ric'), NIIN as Niin, AUDITOR)).rejects.toEqual(missing);
  });

  it('a suspect parcel opens no ledger but the own one', async () => {
    await prepared();
    await receive();
    const other = { organisationId: 'pol-depot', ric: 'Z8D' };
    await onCodeAssigned(journal)(factOf({ kind: 'ric', code: other.ric, organisationId: other.organisationId }));
    const clerk = actor(other.organisationId, 'person-of-pol-depot', 'storage-clerk', 'inspector');
    const clone = await receive(clerk, receiptStatement([UII], { ...BROKER, ric: other.ric }));
    expect(clone.result.suspectUiis).toEqual([UII]);
    // The other item is held where it is, and presenting a copy gives no say over it.
    const foreign = envelope({ ...clerk, principalId: 'person-other' });
    await expect(suspicion().releaseHold(foreign, UII, laboratoryResult('AUTHENTIC'))).rejects.toEqual(
      refusal('PERMISSION_DENIED'),
    );
    await expect(suspicion().confirmCounterfeit(foreign, UII, laboratoryResult('COUNTERFEIT'))).rejects.toEqual(
      refusal('PERMISSION_DENIED'),
    );
    const free = await suspicion().releaseHold(envelope(INSPECTOR), UII, laboratoryResult('AUTHENTIC'));
    expect(namesOf(free)).toContain('UnitsFreed');
    expect(await journal.mayRead(`stock/${RIC}/${NIIN}`, other.organisationId)).toBe(false);
    expect(await journal.mayRead(`stock/${other.ric}/${NIIN}`, other.organisationId)).toBe(true);
    await expect(getStock(journal, parseRic(RIC, 'ric'), NIIN as Niin, clerk)).rejects.toEqual(refusal('NOT_FOUND'));
  });

  it('a ledger is read by the organisation its RIC belongs to now', async () => {
    await prepared();
    await receive();
    await onCodeReleased(journal)(factOf({ kind: 'ric', code: RIC, organisationId: DEPOT }));
    const read = (by: Actor): Promise<unknown> => getStock(journal, parseRic(RIC, 'ric'), NIIN as Niin, by);
    await expect(read(STORE_CLERK)).rejects.toEqual(refusal('NOT_FOUND'));
    await onCodeAssigned(journal)(factOf({ kind: 'ric', code: RIC, organisationId: 'pol-depot' }));
    const successor = actor('pol-depot', 'person-of-pol-depot', 'storage-clerk');
    expect(await read(successor)).toMatchObject({ issuable: 2 });
    await expect(read(STORE_CLERK)).rejects.toEqual(refusal('NOT_FOUND'));
    await receive(successor, receiptStatement([UII], BROKER));
    expect(await journal.mayRead(`stock/${RIC}/${NIIN}`, 'pol-depot')).toBe(true);
  });

  it('a storage activity that is nobody’s is refused', async () => {
    await expect(receive()).rejects.toEqual(refusal('STORAGE_UNKNOWN'));
    await prepared();
    await onCodeReleased(journal)(factOf({ kind: 'ric', code: RIC, organisationId: DEPOT }));
    await expect(receive()).rejects.toEqual(refusal('STORAGE_UNKNOWN'));
  });

  it('codes that are no RIC leave nothing to do', async () => {
    const size = await journal.size();
    await onCodeAssigned(journal)(factOf({ kind: 'dodaac', code: 'W99DP1', organisationId: DEPOT }));
    expect(await journal.size()).toBe(size);
  });

  it('releases of sources outside, and of local stock numbers, leave nothing to do', async () => {
    const size = await journal.size();
    const { supplySource: _source, ...outside } = RELEASED;
    await onRequisitionReleased(journal)(factOf(outside));
    await onRequisitionReleased(journal)(factOf({ ...RELEASED, item: { localStockNumber: '2330DSTRAILE1' } }));
    await onRequisitionReleased(journal)(factOf({ ...RELEASED, name: { rtdReference: '2451077' } }));
    expect(await journal.size()).toBe(size);
  });

  it('facts this service cannot read are refused, not guessed', async () => {
    await expect(onShipmentNoticeSent(journal)(factOf({ piid: PIID }))).rejects.toEqual(refusal('SCHEMA_INVALID'));
    await expect(onRequisitionReleased(journal)(factOf({}))).rejects.toEqual(refusal('SCHEMA_INVALID'));
  });
});
