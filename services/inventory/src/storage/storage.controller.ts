import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Journal } from '@countersign/event-log';
import { GrpcController, type GrpcHandlers } from '@countersign/grpc';
import { JOURNAL } from '@countersign/host';
import { DomainError, parseRic } from '@countersign/kernel';
import { inventoryV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import { STORAGE } from './storage.js';

@GrpcController(inventoryV1.StorageService)
export class StorageController implements GrpcHandlers<typeof inventoryV1.StorageService> {
  constructor(@Inject(JOURNAL) private readonly journal: Journal) {}

  async getStorage({
    ric,
  }: inventoryV1.GetStorageRequest): Promise<MessageInitShape<typeof inventoryV1.GetStorageResponseSchema>> {
    const storage = await this.journal.read(STORAGE, parseRic(ric, 'ric'));
    if (storage === undefined || storage.status === 'NONE') throw new DomainError('NOT_FOUND');
    return { organisationId: storage.organisationId };
  }
}
