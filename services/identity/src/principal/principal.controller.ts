import type { MessageInitShape } from '@bufbuild/protobuf';
import { requireRole } from '@countersign/access';
import type { Journal } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, outcomeMessage } from '@countersign/host';
import { DomainError, parseTime } from '@countersign/kernel';
import { identityV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import type { Pseudonyms } from '../token/pseudonyms.js';
import { PSEUDONYMS } from '../tokens.js';
import { checkedPublicKey, PrincipalHandler } from './principal.handler.js';
import { findPrincipal, findStanding } from './standing.query.js';

@GrpcController(identityV1.PrincipalService)
export class PrincipalController implements GrpcHandlers<typeof identityV1.PrincipalService> {
  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    @Inject(PSEUDONYMS) private readonly pseudonyms: Pseudonyms,
    private readonly handler: PrincipalHandler,
  ) {}

  async registerServicePrincipal(
    request: identityV1.RegisterServicePrincipalRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.RegisterServicePrincipalResponseSchema>> {
    const { principalId, organisationId, roles, actingFor } = request;
    const publicKey = checkedPublicKey(request.publicKey);
    const envelope = commandEnvelope(call, request.context);
    const outcome = await this.handler.registerService(envelope, organisationId, { principalId, publicKey, roles, actingFor });
    return { outcome: outcomeMessage(outcome) };
  }

  async registerPersonKey(
    request: identityV1.RegisterPersonKeyRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.RegisterPersonKeyResponseSchema>> {
    const publicKey = checkedPublicKey(request.publicKey);
    const outcome = await this.handler.registerPersonKey(commandEnvelope(call, request.context), request.personId, publicKey);
    return { outcome: outcomeMessage(outcome) };
  }

  async revokePrincipal(
    request: identityV1.RevokePrincipalRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.RevokePrincipalResponseSchema>> {
    const outcome = await this.handler.revoke(commandEnvelope(call, request.context), request.principalId);
    return { outcome: outcomeMessage(outcome) };
  }

  async resolvePrincipal(
    { principalId, logOrigin }: identityV1.ResolvePrincipalRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.ResolvePrincipalResponseSchema>> {
    requireRole(call.actor, 'service');
    const principal = await findPrincipal(this.journal, principalId);
    const now = parseTime(new Date().toISOString(), 'now');
    const standing = principal && (await findStanding(this.journal, principal, now));
    // One answer, whatever the reason: who asks takes anything else for an outage, and waits.
    if (principal === undefined || standing === undefined) throw new DomainError('NOT_FOUND', { field: 'principal_id' });
    const pseudonyms = await this.pseudonyms.of(standing);
    const pseudonym = pseudonyms.get(logOrigin);
    if (pseudonym === undefined) throw new DomainError('CODE_UNKNOWN', { field: 'log_origin', rule: 'the origin of a log' });
    const { organisationId, actingFor, nation, roles } = standing;
    return {
      publicKey: new Uint8Array(Buffer.from(principal.publicKey, 'base64url')),
      pseudonym,
      organisationId,
      actingFor,
      nation,
      roles: [...roles],
    };
  }
}
