import { GrpcController, type GrpcHandlers } from '@countersign/grpc';
import { DomainError } from '@countersign/kernel';
import { procurementV1 } from '@countersign/proto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { DataSource } from 'typeorm';
import type { DirectoryEntry } from './organisation-directory.js';
import { countOrganisations, storedDirectory } from './stored-directory.js';

@GrpcController(procurementV1.DirectoryService)
export class DirectoryController implements GrpcHandlers<typeof procurementV1.DirectoryService> {
  constructor(private readonly dataSource: DataSource) {}

  async findOrganisation(
    request: procurementV1.FindOrganisationRequest,
  ): Promise<MessageInitShape<typeof procurementV1.FindOrganisationResponseSchema>> {
    const entry = await this.#find(request.key);
    if (entry === undefined) throw new DomainError('NOT_FOUND', { field: 'key' });
    return { organisationId: entry.organisationId, known: await countOrganisations(this.dataSource) };
  }

  #find(key: procurementV1.FindOrganisationRequest['key']): Promise<DirectoryEntry | undefined> {
    const directory = storedDirectory(this.dataSource);
    switch (key.case) {
      case 'cageCode':
        return directory.byCode('cage', key.value);
      case 'dodaac':
        return directory.byCode('dodaac', key.value);
      case 'ric':
        return directory.byCode('ric', key.value);
      case 'agency':
        return directory.byAgency(key.value.state, key.value.station);
      case undefined:
        throw new DomainError('FIELD_MISSING', { field: 'key' });
    }
  }
}
