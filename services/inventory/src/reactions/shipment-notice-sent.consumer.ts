import type { Journal } from '@countersign/event-log';
import type { Reaction } from '@countersign/host';
import { DomainError, niinOf, type Nsn, type Rfc3339, type UiiParts } from '@countersign/kernel';
import { z } from 'zod';
import { announceAsset } from '../asset/announce-asset.decider.js';
import { ASSET } from '../asset/asset.js';
import { DUE_IN, dueInKey, type ShipmentExpected } from '../due-in/due-in.js';
import { expectShipment } from '../due-in/expect-shipment.decider.js';
import { STOCK, stockKey } from '../stock/stock.js';

/** Procurement's event of this type, as far as it is read here. */
export const SHIPMENT_NOTICE_SENT = 'countersign.procurement.ShipmentNoticeSent.v1';

const ITEM = z.object({
  uii: z.string(),
  construct: z.union([z.literal(1), z.literal(2)]),
  agency: z.string(),
  enterprise: z.string(),
  originalPart: z.string().optional(),
  serial: z.string(),
});

const NOTICE = z.object({
  piid: z.string(),
  shipmentNumber: z.string(),
  clin: z.string(),
  supplierCage: z.string(),
  shipTo: z.object({ ric: z.string() }),
  parties: z.object({ supplier: z.string(), consignee: z.string() }),
  nsn: z.string(),
  quantity: z.int(),
  unitOfIssue: z.string(),
  items: z.array(ITEM),
});

type Notice = z.infer<typeof NOTICE>;

/** A shipment is announced: the storage activity expects it, and each item is on its way. */
export function onShipmentNoticeSent(journal: Journal): Reaction {
  return async (fact) => {
    const notice = readNotice(fact.data);
    const { principalId } = fact.envelope.actor;
    return journal.execute(
      { ...fact.envelope, eventTime: fact.header.time },
      async (unit) => {
        const dueIn = await unit.open(DUE_IN, dueInKey(notice.piid, notice.shipmentNumber));
        dueIn.append(...expectShipment(dueIn.state, expectationOf(notice)));
        dueIn.share(notice.parties.consignee, notice.parties.supplier);
        for (const item of notice.items) {
          const asset = await unit.open(ASSET, item.uii);
          const before = asset.state;
          const events = announceAsset(before, {
            asset: assetOf(notice, item),
            placedBy: principalId,
            placedAt: fact.header.time as Rfc3339,
          });
          asset.append(...events);
          asset.share(notice.parties.consignee);
          const held = events.some(({ type }) => type === 'HoldPlaced');
          if (held && before.status === 'IN_STOCK') {
            const stock = await unit.open(STOCK, stockKey(before.ric, niinOf(before.nsn as Nsn)));
            const { ric, nsn } = before;
            stock.append({ type: 'UnitsHeld', data: { ric, nsn, uiis: [item.uii], hold: 'SUSPECT_COUNTERFEIT' } });
          }
        }
        return null;
      },
      { inbox: fact.inbox },
    );
  };
}

function readNotice(data: unknown): Notice {
  const parsed = NOTICE.safeParse(data);
  if (!parsed.success) throw new DomainError('SCHEMA_INVALID', { rule: 'a shipment notice that this service can read' });
  return parsed.data;
}

function expectationOf({ shipTo, parties, items, ...notice }: Notice): ShipmentExpected['data'] {
  const { piid, clin, shipmentNumber, nsn, quantity, unitOfIssue, supplierCage } = notice;
  const { supplier, consignee } = parties;
  const uiis = items.map(({ uii }) => uii);
  return { piid, clin, shipmentNumber, nsn, quantity, unitOfIssue, uiis, supplierCage, ric: shipTo.ric, supplier, consignee };
}

function assetOf(
  { piid, clin, shipmentNumber, nsn, supplierCage, shipTo }: Notice,
  { uii, ...parts }: Notice['items'][number],
): Parameters<typeof announceAsset>[1]['asset'] {
  return { uii, parts: parts as UiiParts, nsn, piid, clin, shipmentNumber, supplierCage, ric: shipTo.ric };
}
