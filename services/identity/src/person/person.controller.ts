import { randomUUID } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Journal, LogReader } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, LOG_READER, outcomeMessage } from '@countersign/host';
import { identityV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import type { Operator } from '../operator.js';
import { OPERATOR } from '../tokens.js';
import { PersonHandler } from './person.handler.js';
import { getPerson } from './person.query.js';

@GrpcController(identityV1.PersonService)
export class PersonController implements GrpcHandlers<typeof identityV1.PersonService> {
  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    @Inject(LOG_READER) private readonly log: LogReader,
    @Inject(OPERATOR) private readonly operator: Operator,
    private readonly handler: PersonHandler,
  ) {}

  async enrolPerson(
    request: identityV1.EnrolPersonRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.EnrolPersonResponseSchema>> {
    const { organisationId, name, nation } = request;
    const outcome = await this.handler.enrol(commandEnvelope(call, request.context), {
      personId: request.personId || randomUUID(),
      organisationId,
      name,
      nation,
      clearance: request.clearance || 'UNCLASSIFIED',
    });
    return { outcome: outcomeMessage(outcome), personId: outcome.result };
  }

  async getPerson(
    { personId }: identityV1.GetPersonRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.GetPersonResponseSchema>> {
    const { organisationId, nation, clearance, appointmentIds, name } = await getPerson(
      { journal: this.journal, log: this.log, operator: this.operator },
      personId,
      call.actor,
    );
    return { personId, organisationId, nation, clearance, appointmentIds: [...appointmentIds], name };
  }
}
