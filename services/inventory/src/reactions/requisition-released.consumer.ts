import type { Journal } from '@countersign/event-log';
import { IGNORED, type Reaction } from '@countersign/host';
import { documentKey, DomainError, parseDocumentNumber } from '@countersign/kernel';
import { z } from 'zod';
import { orderRelease } from '../release-order/order-release.decider.js';
import { RELEASE_ORDER } from '../release-order/release-order.js';

/** Procurement's event of this type, as far as it is read here. */
export const REQUISITION_RELEASED = 'countersign.procurement.RequisitionReleased.v1';

const RELEASED = z.object({
  name: z.union([z.object({ documentNumber: z.string(), year: z.int() }), z.object({ rtdReference: z.string() })]),
  requisitioner: z.object({ organisation: z.string() }),
  supplySource: z.object({ ric: z.string(), organisation: z.string() }).optional(),
  item: z.union([z.object({ nsn: z.string() }), z.object({ localStockNumber: z.string() })]),
  quantity: z.int(),
  unitOfIssue: z.string(),
});

/**
 * A released requisition that names one of our storage activities is an order to issue. Others, of sources outside, of items without
 * NSN, leave nothing for us to do: stock is never invented for them.
 */
export function onRequisitionReleased(journal: Journal): Reaction {
  return async (fact) => {
    const parsed = RELEASED.safeParse(fact.data);
    if (!parsed.success) throw new DomainError('SCHEMA_INVALID', { rule: 'a released requisition that this service can read' });
    const { name, item, supplySource, requisitioner, quantity, unitOfIssue } = parsed.data;
    if (supplySource === undefined || !('documentNumber' in name) || !('nsn' in item)) return IGNORED;
    const { year } = name;
    const documentNumber = parseDocumentNumber(name.documentNumber, 'name.documentNumber');
    const { ric, organisation: storer } = supplySource;
    return journal.execute(
      { ...fact.envelope, eventTime: fact.header.time },
      async (unit) => {
        const order = await unit.open(RELEASE_ORDER, documentKey(documentNumber, year));
        const released = {
          documentNumber,
          year,
          ric,
          nsn: item.nsn,
          quantity,
          unitOfIssue,
          requisitioner: requisitioner.organisation,
          storer,
        };
        order.append(...orderRelease(order.state, released));
        order.share(storer, requisitioner.organisation);
        return null;
      },
      { inbox: fact.inbox },
    );
  };
}
