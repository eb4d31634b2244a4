import type { MessageInitShape } from '@bufbuild/protobuf';
import { requireRole } from '@countersign/access';
import { GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { identityV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import { UNIT_KEY_VAULT } from '../tokens.js';
import type { UnitKey, UnitKeyVault } from './unit-key-vault.js';

/** Hands unit keys to our own services, and to nobody else. */
@GrpcController(identityV1.KeyService)
export class KeyController implements GrpcHandlers<typeof identityV1.KeyService> {
  constructor(@Inject(UNIT_KEY_VAULT) private readonly vault: UnitKeyVault) {}

  async drawUnitKeys(
    { count }: identityV1.DrawUnitKeysRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.DrawUnitKeysResponseSchema>> {
    requireRole(call.actor, 'service');
    return { keys: (await this.vault.draw(count, call.actor.principalId)).map(keyMessage) };
  }

  async getUnitKeys(
    { keyIds }: identityV1.GetUnitKeysRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.GetUnitKeysResponseSchema>> {
    requireRole(call.actor, 'service');
    const { keys, destroyed, unknown } = await this.vault.find(keyIds, call.actor.principalId);
    return { keys: keys.map(keyMessage), destroyed: destroyed.map(bytes), unknown: unknown.map(bytes) };
  }
}

function keyMessage({ keyId, key }: UnitKey): MessageInitShape<typeof identityV1.UnitKeySchema> {
  return { keyId: bytes(keyId), key: bytes(key) };
}

/** protobuf-es wants arrays that own their memory. */
function bytes(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}
