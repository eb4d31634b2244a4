import { FACTS, ITEM } from '../story-facts.js';
import { until } from '../until.js';
import { PERSONS, type PersonName } from '../cast.js';
import type { StepWorld } from './step-world.js';

const REQUISITION = { documentNumber: FACTS.requisition, year: FACTS.year };
const UNIT = { tcn: FACTS.tcn, piece: 1 };

/** The unit requisitions, its commander confirms the urgency, the depot issues. */
export async function playRequisition({ narrator, as, context }: StepWorld): Promise<void> {
  narrator.chapter('Requisition and issue');
  await narrator.step(`unit submits requisition ${FACTS.requisition}, priority 02, RDD 999`, () =>
    as('requisitioner').requisitions.submitRequisition({
      context: context('requisition', '2026-11-02T06:00:00Z'),
      documentNumber: FACTS.requisition,
      nsn: FACTS.nsn,
      quantity: 1n,
      unitOfIssue: FACTS.unitOfIssue,
      priority: '02',
      requiredDelivery: '999',
      supplySource: FACTS.ric,
      justification: 'Vehicle not mission capable without navigation.',
    }),
  );
  await narrator.step('commander reviews urgency A and releases', async () => {
    const { requisitions } = as('commander');
    await requisitions.reviewRequisition({ context: context('review', '2026-11-02T07:00:00Z'), requisition: REQUISITION });
    await requisitions.releaseRequisition({ context: context('release', '2026-11-02T07:05:00Z'), requisition: REQUISITION });
  });
  await narrator.step('inventory has the release order', () =>
    until('the release order', () => as('clerk').releaseOrders.getReleaseOrder(REQUISITION)),
  );
  await narrator.step(`clerk issues ${ITEM}, TCN ${FACTS.tcn}`, () =>
    as('clerk').stock.issueMateriel({
      context: context('issue', '2026-11-03T07:00:00Z'),
      ric: FACTS.ric,
      nsn: FACTS.nsn,
      ...REQUISITION,
      condition: 'A',
      quantity: 1n,
      unitOfIssue: FACTS.unitOfIssue,
      uiis: [ITEM],
      ...UNIT,
    }),
  );
}

/** Custody by two-sided handover: depot (USA) to carrier (NLD) to unit (USA). The giver stays liable until the taker accepts. */
export async function playCustody(world: StepWorld): Promise<void> {
  const { narrator, as, context } = world;
  narrator.chapter('Custody');
  await handover(world, {
    name: 'to-carrier',
    giver: 'depotCustodian',
    taker: 'driver',
    takerOrganisation: 'carrier-nld',
    at: ['2026-11-03T08:00:00Z', '2026-11-03T08:20:00Z'],
    place: 'Depot gate 4',
  });
  await handover(world, {
    name: 'to-unit',
    giver: 'driver',
    taker: 'unitCustodian',
    takerOrganisation: 'unit-usa',
    at: ['2026-11-05T04:30:00Z', '2026-11-05T04:40:00Z'],
    place: 'Unit supply point',
  });
  await narrator.step('unit confirms delivery', () =>
    as('unitCustodian').custody.confirmDelivery({
      context: context('delivery', '2026-11-05T06:40:00.1415+02:00'),
      unit: UNIT,
      quantity: 1n,
      uiis: [ITEM],
    }),
  );
  await narrator.step('procurement knows the requisition is received', () =>
    until('the end of the requisition', async () => {
      const { status } = await as('requisitioner').requisitions.getRequisition({ key: { case: 'numbered', value: REQUISITION } });
      return status === 'RECEIVED' ? status : undefined;
    }),
  );
}

interface Handover {
  readonly name: string;
  readonly giver: PersonName;
  readonly taker: PersonName;
  readonly takerOrganisation: string;
  /** Event times of offer and acceptance. */
  readonly at: readonly [string, string];
  readonly place: string;
}

async function handover(
  { narrator, as, context }: StepWorld,
  { name, giver, taker, takerOrganisation, at, place }: Handover,
): Promise<void> {
  const offered = await narrator.step(`${PERSONS[giver].office} offers custody to ${takerOrganisation}`, () =>
    as(giver).custody.offerCustody({
      context: context(`offer-${name}`, at[0]),
      unit: UNIT,
      taker: takerOrganisation,
      tally: { seals: [FACTS.seal], packaging: 'INTACT', place, forms: ['DD 1907 3', '302 NL20261104NN000417'] },
      expiresAt: '2099-01-01T00:00:00Z',
    }),
  );
  const offer = offered.outcome?.recorded.find(({ streamId }) => streamId.startsWith('custody/'));
  if (offer === undefined) throw new Error('the offer recorded nothing');
  await narrator.step(`${PERSONS[taker].office} accepts: same tally digest, another person, another organisation`, () =>
    as(taker).custody.acceptCustody({
      context: context(`accept-${name}`, at[1]),
      unit: UNIT,
      offer: { position: offer.position, recordDigest: offer.recordDigest },
      tallyDigest: offered.tallyDigest,
    }),
  );
}

export interface PaymentFacts {
  readonly amount: string;
  readonly conditions: readonly string[];
}

/** The conditions are evaluated over the evidence; payment is authorised exactly once, however often it is asked. */
export async function playPayment({ narrator, as, context }: StepWorld): Promise<PaymentFacts> {
  narrator.chapter('Payment');
  const { agreements } = as('contractingOfficer');
  const evaluate = (step: string, at: string) =>
    agreements.evaluateAgreement({ context: context(step, at), piid: FACTS.piid, clin: FACTS.clin });
  await narrator.step('procurement has all evidence', () =>
    until('the evidence', async () => {
      const { evidence } = await agreements.getAgreement({ piid: FACTS.piid });
      // Four custody steps: two offers, two acceptances.
      return evidence.filter(({ kind }) => kind === 'CUSTODY').length >= 4 ? evidence : undefined;
    }),
  );
  const first = await narrator.step('contracting officer has the conditions evaluated: all satisfied', () =>
    evaluate('evaluation-1', '2026-11-08T09:00:00Z'),
  );
  const results = first.evaluation?.results ?? [];
  const open = results.filter(({ status }) => status !== 2);
  if (open.length > 0 || results.length === 0) {
    throw new Error(`not satisfied: ${open.map(({ condition, reason }) => `${condition} ${reason}`).join(', ')}`);
  }
  await narrator.step('asked again: same evaluation, no second payment', async () => {
    await evaluate('evaluation-2', '2026-11-08T09:05:00Z');
    const { payments } = await agreements.getAgreement({ piid: FACTS.piid });
    if (payments.length !== 1) throw new Error(`${payments.length} payments were authorised`);
  });
  const amount = first.payment?.amount;
  return { amount: `${amount?.amount ?? ''} ${amount?.currency ?? ''}`, conditions: results.map(({ condition }) => condition) };
}
