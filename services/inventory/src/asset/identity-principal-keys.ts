import type { AccessTokens } from '@countersign/grpc';
import { CallError, createClient, type Client } from '@countersign/grpc';
import { DomainError } from '@countersign/kernel';
import { identityV1 } from '@countersign/proto';
import type { OnModuleDestroy } from '@nestjs/common';
import type { PrincipalKeys } from './laboratory-result.js';

export interface IdentityPrincipalKeysOptions {
  /** `host:port` of identity. */
  readonly address: string;
  readonly tokenSource: AccessTokens;
  readonly logOrigin: string;
}

/** Asks identity each time: an inspector whose appointment ended signs nothing any more. */
export class IdentityPrincipalKeys implements PrincipalKeys, OnModuleDestroy {
  readonly #client: Client<typeof identityV1.PrincipalService>;
  readonly #logOrigin: string;

  constructor({ address, tokenSource, logOrigin }: IdentityPrincipalKeysOptions) {
    this.#client = createClient(identityV1.PrincipalService, address, { tokenSource });
    this.#logOrigin = logOrigin;
  }

  /** @throws DomainError DEPENDENCY_UNAVAILABLE */
  async resolve(principalId: string): Promise<{ readonly publicKey: Uint8Array; readonly roles: readonly string[] } | undefined> {
    try {
      const { publicKey, roles } = await this.#client.resolvePrincipal({ principalId, logOrigin: this.#logOrigin });
      return { publicKey, roles };
    } catch (error) {
      if (error instanceof CallError && error.code === 'NOT_FOUND') return undefined;
      throw new DomainError('DEPENDENCY_UNAVAILABLE', { context: { dependency: 'identity' } }, { cause: error });
    }
  }

  onModuleDestroy(): void {
    this.#client.close();
  }
}
