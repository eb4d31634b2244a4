/** Injection tokens of identity's own parts. */

/** `Operator` */
export const OPERATOR = Symbol('Operator');
/** `Bootstrap` */
export const BOOTSTRAP = Symbol('Bootstrap');
/** `Pseudonyms` */
export const PSEUDONYMS = Symbol('Pseudonyms');
/** `UnitKeyVault` */
export const UNIT_KEY_VAULT = Symbol('UnitKeyVault');
/** `TokenSigner` */
export const TOKEN_SIGNER = Symbol('TokenSigner');
/** `OrganisationList` */
export const ORGANISATION_LIST = Symbol('OrganisationList');
