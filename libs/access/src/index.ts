export { TOKENS } from './config.js';
export { createTokenVerifier, type AccessTokenClaims, type TokenVerifier, type TokenVerifierOptions } from './token-verifier.js';
export { hasRole, requireOrganisation, requireRole } from './roles.js';
export { signAssertion } from './assertion.js';
export { cachedTokens, createTokenSource, type IssuedToken, type TokenSource, type TokenSourceOptions } from './token-source.js';
export { createTestTokens, type TestTokens } from './test-tokens.js';
