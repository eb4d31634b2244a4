import { createProjectionReader, type ProjectionAnswer } from '@countersign/event-log';
import type { PageTerms } from '@countersign/host';
import type { DataSource } from 'typeorm';
import { OrganisationRow } from './organisation-row.js';
import { ORGANISATIONS } from './organisations.projection.js';

/** The organisations as the read model shows them. */
export interface OrganisationList {
  /**
   * By id; one more than a page has if there are more.
   *
   * @param nation empty: of all nations
   * @throws DomainError PROJECTION_BEHIND, PROJECTION_NOT_BUILT
   */
  list(nation: string, terms: PageTerms): Promise<ProjectionAnswer<readonly OrganisationRow[]>>;
}

export function storedOrganisations(dataSource: DataSource): OrganisationList {
  const reader = createProjectionReader(dataSource, ORGANISATIONS);
  return {
    list: (nation, terms) =>
      reader.read(terms, ({ manager, generation }) => {
        const query = manager
          .createQueryBuilder(OrganisationRow, 'row')
          .where('row.generation = :generation AND row.key > :after', { generation, after: terms.after });
        if (nation !== '') query.andWhere('row.nation = :nation', { nation });
        return query
          .orderBy('row.key')
          .limit(terms.rowsMax + 1)
          .getMany();
      }),
  };
}
