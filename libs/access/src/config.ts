/** Names and limits of tokens; identity issues by them, every service verifies by them. */
export const TOKENS = {
  /** `iss` of access tokens. */
  issuer: 'countersign-identity',
  /** `aud` of access tokens. */
  audience: 'countersign',
  /** `aud` of client assertions. */
  assertionAudience: 'countersign-identity',
  /** The one algorithm of tokens and assertions (RFC 8725 section 3.1): Ed25519, named `EdDSA` in JOSE (RFC 8037). */
  algorithm: 'EdDSA',
  /** Longest life of an access token. */
  lifetimeSecondsMax: 900,
  /** Longest life of a client assertion. */
  assertionLifetimeSecondsMax: 120,
  /** Difference of clocks that is put up with. */
  clockToleranceSeconds: 5,
  lengthMax: 8_192,
} as const;

export const LIMITS = {
  /** Life of the assertions this library signs. */
  assertionLifetimeSeconds: 60,
  /** A token is renewed when less than this share of its life is left. */
  renewalShare: 0.25,
  tokenDeadlineMs: 5_000,
  keySetTimeoutMs: 3_000,
  /** How long fetched keys are trusted without asking again. */
  keySetAgeMaxMs: 600_000,
  /** An unknown key id makes the keys be fetched again, but not more often than this. */
  keySetCooldownMs: 2_000,
} as const;
