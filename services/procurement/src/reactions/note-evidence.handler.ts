import type { Journal, UnitOfWork } from '@countersign/event-log';
import type { Fact } from '@countersign/host';
import { parseOrganisationId, parseQuantity, parseTcn } from '@countersign/kernel';
import { AGREEMENT } from '../agreement/agreement.js';
import type { CustodyFacts, EvidenceFacts } from '../agreement/evidence.js';
import { noteEvidence } from '../agreement/note-evidence.decider.js';
import { SHIPPED_ITEM } from '../shipment-notice/shipped-item.js';
import { sourceOf } from './evidence-source.js';
import { parseUiis } from './foreign-fields.js';

/** The contract line a record bears on. */
export interface EvidenceLine {
  readonly piid: string;
  readonly clin: string;
}

/** Collects what bears on a contract line into its agreement, in the order in which it becomes known here. */
export class NoteEvidenceHandler {
  constructor(private readonly journal: Journal) {}

  /** A record of this service's own log. */
  own(fact: Fact, { piid, clin }: EvidenceLine, facts: (consignee: string) => EvidenceFacts): Promise<unknown> {
    return this.journal.execute(
      fact.envelope,
      async (unit) => {
        const agreement = await unit.open(AGREEMENT, piid);
        if (agreement.state.status === 'NONE') return null;
        const { consignee } = agreement.state.parties;
        agreement.append(...noteEvidence(agreement.state, { clin, facts: facts(consignee), source: sourceOf(fact) }));
        return null;
      },
      { inbox: fact.inbox },
    );
  }

  /** A step of a handover; it bears on the line of every announced item in it. */
  custody(fact: Fact, step: CustodyFacts['step']): Promise<unknown> {
    const { data } = fact;
    const transfer = `${parseTcn(data['tcn'], 'tcn')}/${parseQuantity(data['piece'], 'piece')}`;
    const from = parseOrganisationId(data['giver'], 'giver');
    const to = parseOrganisationId(data['taker'], 'taker');
    const uiis = parseUiis(data['uiis'], 'uiis');
    return this.journal.execute(
      fact.envelope,
      async (unit) => {
        for (const line of await linesOf(unit, uiis)) {
          const agreement = await unit.open(AGREEMENT, line.piid);
          const facts: CustodyFacts = { kind: 'CUSTODY', step, transfer, from, to, uiis: line.uiis };
          agreement.append(...noteEvidence(agreement.state, { clin: line.clin, facts, source: sourceOf(fact) }));
        }
        return null;
      },
      { inbox: fact.inbox },
    );
  }
}

/** The contract lines under which the items were announced, each with its items. */
async function linesOf(
  unit: UnitOfWork,
  uiis: readonly string[],
): Promise<readonly (EvidenceLine & { readonly uiis: readonly string[] })[]> {
  const lines = new Map<string, EvidenceLine & { readonly uiis: string[] }>();
  for (const uii of uiis) {
    const { state: item } = await unit.open(SHIPPED_ITEM, uii);
    if (item.status === 'NONE') continue;
    const { piid, clin } = item;
    const line = lines.get(`${piid}/${clin}`) ?? { piid, clin, uiis: [] };
    line.uiis.push(uii);
    lines.set(`${piid}/${clin}`, line);
  }
  return [...lines.values()];
}
