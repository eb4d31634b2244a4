import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { DomainError } from '@countersign/kernel';
import type { Metadata } from '@grpc/grpc-js';

import { LIMITS } from './config.js';
import type { Caller, ServedCall } from './served-call.js';

/**
 * Who calls, from a call's metadata.
 * @throws DomainError UNAUTHENTICATED, DEPENDENCY_UNAVAILABLE
 */
export type Authenticate = (metadata: Metadata) => Promise<Caller>;

export interface AdmissionOptions {
  readonly services: readonly DescService[];
  readonly authenticate: Authenticate;
  /** The methods that need no token. Health and reflection never do. */
  readonly openMethods: readonly DescMethod[];
}

/** What every call must pass before anything of its request is looked at. */
export interface Admission {
  /** Whether the path names a method of the services. */
  isKnown(path: string): boolean;
  /** @throws DomainError MESSAGE_TOO_LARGE, UNAUTHENTICATED, DEPENDENCY_UNAVAILABLE */
  admit(path: string, metadata: Metadata, call: ServedCall): Promise<void>;
}

/** A method of the services needs a token unless it is one of the open ones: a new method is closed from its first day. */
export function createAdmission({ services, authenticate, openMethods }: AdmissionOptions): Admission {
  const paths = new Set(services.flatMap(({ methods }) => methods.map(pathOf)));
  const open = new Set(openMethods.map(pathOf));
  return {
    isKnown: (path) => paths.has(path),
    admit: async (path, metadata, call) => {
      if (sizeOf(metadata) > LIMITS.metadataBytesMax) throw new DomainError('MESSAGE_TOO_LARGE', { rule: 'metadata' });
      if (paths.has(path) && !open.has(path)) call.identify(await authenticate(metadata));
    },
  };
}

/** `/<service>/<method>` */
export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function sizeOf(metadata: Metadata): number {
  return Object.keys(metadata.getMap()).reduce(
    (sum, key) => sum + metadata.get(key).reduce((length, value) => length + key.length + value.length, 0),
    0,
  );
}
