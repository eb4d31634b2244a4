import { createProjectionReader, type ProjectionAnswer } from '@countersign/event-log';
import type { PageTerms } from '@countersign/host';
import type { DataSource } from 'typeorm';
import { RequisitionRow } from './requisition-rows.js';
import { REQUISITIONS } from './requisitions.projection.js';

/** Which requisitions. */
export interface RequisitionFilter {
  /** Requisitioner or supply source. */
  readonly organisationId: string;
  /** None: all. */
  readonly statuses: readonly string[];
}

/** The requisitions as the read model shows them. */
export interface RequisitionList {
  /** By key; one more than a page has if there are more. @throws DomainError PROJECTION_BEHIND, PROJECTION_NOT_BUILT */
  list(filter: RequisitionFilter, terms: PageTerms): Promise<ProjectionAnswer<readonly RequisitionRow[]>>;
}

export function storedRequisitions(dataSource: DataSource): RequisitionList {
  const reader = createProjectionReader(dataSource, REQUISITIONS);
  return {
    list: ({ organisationId, statuses }, terms) =>
      reader.read(terms, ({ manager, generation }) => {
        const query = manager
          .createQueryBuilder(RequisitionRow, 'row')
          .where('row.generation = :generation AND row.key > :after', { generation, after: terms.after })
          .andWhere('(row.requisitioner = :organisationId OR row.supplyOrganisation = :organisationId)', { organisationId });
        if (statuses.length > 0) query.andWhere('row.status IN (:...statuses)', { statuses });
        return query
          .orderBy('row.key')
          .limit(terms.rowsMax + 1)
          .getMany();
      }),
  };
}
