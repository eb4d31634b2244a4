import { fromBinary, type DescMethod, type DescService } from '@bufbuild/protobuf';
import { ERROR_CODES, type ErrorCode } from '@countersign/kernel';
import { Metadata } from '@grpc/grpc-js';
import { lastValueFrom, type Observable } from 'rxjs';

import { createAdmission, pathOf, type AdmissionOptions } from './admission.js';
import { decodeRequest, encode } from './codec.js';
import { rememberCall, ServedCall } from './served-call.js';
import { refusalOf } from './status.js';
import type { FieldViolation } from './request-rules.js';

/** What a caller is told. */
export type DirectAnswer =
  | { readonly code: 'OK'; readonly messages: readonly object[] }
  | { readonly code: ErrorCode; readonly message: string; readonly violations: readonly FieldViolation[] };

/** Calls the controllers of a service without a network. */
export interface DirectDoor {
  /** @param token access token; undefined: the call carries none */
  call(method: DescMethod, request: object, token?: string): Promise<DirectAnswer>;
}

export interface DirectDoorOptions extends Omit<AdmissionOptions, 'services'> {
  /** Each service with the controller that serves it. */
  readonly controllers: readonly (readonly [DescService, object])[];
}

/**
 * The gRPC door of a service in one process, for tests of what it answers to whom: admission, decoding, rules of the contract, controller
 * and judgement of errors are those of the real door; only grpc-js is left out.
 */
export function createDirectDoor({ controllers, ...options }: DirectDoorOptions): DirectDoor {
  const admission = createAdmission({ ...options, services: controllers.map(([service]) => service) });
  const served = new Map(controllers.map(([{ typeName }, controller]) => [typeName, controller as Served]));
  return {
    call: async (method, request, token) => {
      const metadata = new Metadata();
      if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
      const call = new ServedCall(pathOf(method), 'direct-call');
      rememberCall(metadata, call);
      try {
        const controller = served.get(method.parent.typeName);
        if (controller === undefined) throw new Error(`nothing serves ${pathOf(method)}`);
        await admission.admit(pathOf(method), metadata, call);
        const received = decodeRequest(method.input, encode(method.input, request));
        const answers = await answersOf(controller, method, received, metadata);
        return { code: 'OK', messages: answers.map((answer) => fromBinary(method.output, encode(method.output, answer))) };
      } catch (error) {
        const { code, rule = '', violations } = refusalOf(error, () => 'error-id');
        // What nobody foresaw is the test's to see, not only that there was something.
        if (ERROR_CODES[code].kind === 'internal') throw error;
        return { code, message: rule, violations };
      } finally {
        call.gone.abort();
      }
    },
  };
}

/** A controller's method as `GrpcController` left it. */
type Served = Readonly<
  Record<string, (received: object, metadata: Metadata, stream: object) => Promise<object> | Observable<never>>
>;

async function answersOf(
  controller: Served,
  { localName, methodKind }: DescMethod,
  received: object,
  metadata: Metadata,
): Promise<readonly object[]> {
  const answers: object[] = [];
  const stream = {
    cancelled: false,
    once: () => undefined,
    write: (message: object, written: () => void) => {
      answers.push(message);
      written();
    },
  };
  const answer = controller[localName]?.(received, metadata, stream);
  if (methodKind === 'unary') return [await (answer as Promise<object>)];
  await lastValueFrom(answer as Observable<never>, { defaultValue: undefined });
  return answers;
}
