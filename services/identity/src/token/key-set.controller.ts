import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { JSONWebKeySet } from 'jose';
import { TOKEN_SIGNER } from '../tokens.js';
import type { TokenSigner } from './token-signer.js';

/** The keys that access tokens are verified with (RFC 7517), for everybody. */
@Controller('.well-known')
export class KeySetController {
  constructor(@Inject(TOKEN_SIGNER) private readonly signer: TokenSigner) {}

  @Get('jwks.json')
  @Header('cache-control', 'public, max-age=300')
  keySet(): JSONWebKeySet {
    return this.signer.keySet;
  }
}
