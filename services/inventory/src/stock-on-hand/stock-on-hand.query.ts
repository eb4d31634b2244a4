import { createProjectionReader, type ProjectionAnswer } from '@countersign/event-log';
import type { PageTerms } from '@countersign/host';
import type { DataSource } from 'typeorm';
import { STOCK_ON_HAND } from './stock-on-hand.projection.js';
import { BalanceRow, StorageRow } from './stock-rows.js';

/** Which lines; an empty text leaves its field open. */
export interface StockFilter {
  /** Only of storage activities that are this organisation's now. */
  readonly organisationId: string;
  readonly ric: string;
  readonly niin: string;
  readonly condition: string;
}

/** What is on hand, as the read model shows it. */
export interface StockOnHand {
  /** Lines with a quantity, by key; one more than a page has if there are more. @throws DomainError PROJECTION_BEHIND, PROJECTION_NOT_BUILT */
  list(filter: StockFilter, terms: PageTerms): Promise<ProjectionAnswer<readonly BalanceRow[]>>;
}

export function storedStockOnHand(dataSource: DataSource): StockOnHand {
  const reader = createProjectionReader(dataSource, STOCK_ON_HAND);
  return {
    list: ({ organisationId, ric, niin, condition }, terms) =>
      reader.read(terms, ({ manager, generation }) => {
        const query = manager
          .createQueryBuilder(BalanceRow, 'balance')
          .innerJoin(StorageRow, 'storage', 'storage.generation = balance.generation AND storage.key = balance.ric')
          .where('balance.generation = :generation AND storage.organisationId = :organisationId', { generation, organisationId })
          .andWhere('balance.onHand > 0 AND balance.key > :after', { after: terms.after });
        if (ric !== '') query.andWhere('balance.ric = :ric', { ric });
        if (niin !== '') query.andWhere('substr(balance.nsn, 5) = :niin', { niin });
        if (condition !== '') query.andWhere('balance.condition = :condition', { condition });
        return query
          .orderBy('balance.key')
          .limit(terms.rowsMax + 1)
          .getMany();
      }),
  };
}
