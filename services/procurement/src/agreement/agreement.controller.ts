import type { Journal } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, outcomeMessage } from '@countersign/host';
import { procurementV1 } from '@countersign/proto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { Inject } from '@nestjs/common';
import type { Evaluation, Payment } from './agreement.js';
import { readAgreement } from './agreement.query.js';
import { termsBytes } from './digests.js';
import { EvaluateAgreementHandler } from './evaluate-agreement.handler.js';
import type { ConditionStatus } from './evaluation.js';
import { SignAgreementHandler } from './sign-agreement.handler.js';

@GrpcController(procurementV1.AgreementService)
export class AgreementController implements GrpcHandlers<typeof procurementV1.AgreementService> {
  constructor(
    private readonly signHandler: SignAgreementHandler,
    private readonly evaluateHandler: EvaluateAgreementHandler,
    @Inject(JOURNAL) private readonly journal: Journal,
  ) {}

  async signAgreement(
    request: procurementV1.SignAgreementRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.SignAgreementResponseSchema>> {
    const envelope = commandEnvelope(call, request.context);
    return { outcome: outcomeMessage(await this.signHandler.sign(envelope, request.piid, hex(request.termsDigest))) };
  }

  async activateAgreement(
    request: procurementV1.ActivateAgreementRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.ActivateAgreementResponseSchema>> {
    const envelope = commandEnvelope(call, request.context);
    return { outcome: outcomeMessage(await this.signHandler.activate(envelope, request.piid, hex(request.termsDigest))) };
  }

  async evaluateAgreement(
    request: procurementV1.EvaluateAgreementRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.EvaluateAgreementResponseSchema>> {
    const envelope = commandEnvelope(call, request.context);
    const { outcome, evaluation, payment } = await this.evaluateHandler.handle(envelope, request.piid, request.clin);
    return {
      outcome: outcomeMessage(outcome),
      evaluation: evaluation ? evaluationMessage(evaluation) : undefined,
      payment: payment ? paymentMessage(payment) : undefined,
    };
  }

  async getAgreement(
    request: procurementV1.GetAgreementRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.GetAgreementResponseSchema>> {
    const agreement = await readAgreement(this.journal, call.actor, request.piid);
    return {
      piid: agreement.terms.piid,
      status: agreement.status,
      termsDigest: bytes(agreement.termsDigest),
      terms: termsBytes(agreement.terms),
      evidence: [...agreement.evidence].map(({ clin, facts, source }) => ({
        kind: facts.kind,
        clin,
        origin: source.origin,
        eventId: source.eventId,
        recordDigest: bytes(source.recordDigest),
      })),
      evaluations: [...agreement.evaluations.values()].map(evaluationMessage),
      payments: [...agreement.payments.values()].map(paymentMessage),
    };
  }
}

const STATUS: Readonly<Record<ConditionStatus, procurementV1.ConditionStatus>> = {
  PENDING: procurementV1.ConditionStatus.PENDING,
  SATISFIED: procurementV1.ConditionStatus.SATISFIED,
  BREACHED: procurementV1.ConditionStatus.BREACHED,
};

function evaluationMessage(evaluation: Evaluation): MessageInitShape<typeof procurementV1.EvaluationSchema> {
  return {
    clin: evaluation.clin,
    termsDigest: bytes(evaluation.termsDigest),
    evidence: evaluation.evidence.map(bytes),
    results: evaluation.results.map(({ condition, status, reason, evidence }) => ({
      condition,
      status: STATUS[status],
      reason,
      evidence: evidence.map(bytes),
    })),
    evaluationDigest: bytes(evaluation.evaluationDigest),
  };
}

function paymentMessage(payment: Payment): MessageInitShape<typeof procurementV1.PaymentSchema> {
  const { clin, quantity, amount, evaluationDigest } = payment;
  return { clin, quantity: BigInt(quantity), amount, evaluationDigest: bytes(evaluationDigest) };
}

function hex(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex');
}

function bytes(digest: string): Buffer {
  return Buffer.from(digest, 'hex');
}
