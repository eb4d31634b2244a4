import type { MessageInitShape } from '@bufbuild/protobuf';
import { GrpcController, type GrpcHandlers } from '@countersign/grpc';
import { identityV1 } from '@countersign/proto';
import { IssueTokenHandler } from './issue-token.handler.js';

/** The only door that needs no token. */
@GrpcController(identityV1.TokenService)
export class TokenController implements GrpcHandlers<typeof identityV1.TokenService> {
  constructor(private readonly handler: IssueTokenHandler) {}

  async issueToken({
    clientAssertion,
    appointmentId,
  }: identityV1.IssueTokenRequest): Promise<MessageInitShape<typeof identityV1.IssueTokenResponseSchema>> {
    const { accessToken, lifetimeSeconds } = await this.handler.issue(clientAssertion, appointmentId);
    return { accessToken, expiresIn: lifetimeSeconds };
  }
}
