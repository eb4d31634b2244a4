import { randomUUID } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Journal } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, outcomeMessage } from '@countersign/host';
import { parseTime } from '@countersign/kernel';
import { identityV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import type { Operator } from '../operator.js';
import { OPERATOR } from '../tokens.js';
import { AppointmentHandler } from './appointment.handler.js';
import { getAppointment } from './appointment.query.js';

@GrpcController(identityV1.AppointmentService)
export class AppointmentController implements GrpcHandlers<typeof identityV1.AppointmentService> {
  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    @Inject(OPERATOR) private readonly operator: Operator,
    private readonly handler: AppointmentHandler,
  ) {}

  async makeAppointment(
    request: identityV1.MakeAppointmentRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.MakeAppointmentResponseSchema>> {
    const { personId, roles, actingFor, validFrom, validTo } = request;
    const envelope = commandEnvelope(call, request.context);
    const outcome = await this.handler.make(envelope, personId, {
      appointmentId: request.appointmentId || randomUUID(),
      roles,
      actingFor,
      validFrom: parseTime(validFrom || envelope.eventTime, 'valid_from'),
      ...(validTo === '' ? {} : { validTo: parseTime(validTo, 'valid_to') }),
    });
    return { outcome: outcomeMessage(outcome), appointmentId: outcome.result };
  }

  async revokeAppointment(
    request: identityV1.RevokeAppointmentRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.RevokeAppointmentResponseSchema>> {
    const outcome = await this.handler.revoke(commandEnvelope(call, request.context), request.appointmentId);
    return { outcome: outcomeMessage(outcome) };
  }

  async getAppointment(
    { appointmentId }: identityV1.GetAppointmentRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof identityV1.GetAppointmentResponseSchema>> {
    const appointment = await getAppointment({ journal: this.journal, operator: this.operator }, appointmentId, call.actor);
    const { personId, organisationId, roles, actingFor, validFrom, validTo } = appointment;
    return {
      appointmentId,
      personId,
      organisationId,
      roles: [...roles],
      actingFor,
      validFrom,
      validTo,
      revokedAt: appointment.status === 'REVOKED' ? appointment.revokedAt : undefined,
    };
  }
}
