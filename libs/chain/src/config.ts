/** What the development chain's name stands for; shown wherever finality is. */
export const DEVELOPMENT_FINALITY = 'NOT_CHECKED: single-node development chain';

/** Chain ids that development nodes use: 31337 (anvil, hardhat), 1337 (geth --dev). */
export const DEVELOPMENT_CHAIN_IDS: readonly bigint[] = [31_337n, 1_337n];

/** What is said of any other EVM chain: this adapter reads one node and checks no block seals. */
export const UNCHECKED_FINALITY = 'NOT_CHECKED: block finality is not verified by this adapter';

export const LIMITS = {
  /** One JSON-RPC request with its reply. */
  rpcTimeoutMs: 5_000,
  /** How long a commit waits for its heads to be stored before it calls them pending. */
  settleTimeoutMs: 20_000,
  /** The same, if the node refused the transaction: only an earlier one of the same heads can still store them. */
  refusedTimeoutMs: 2_000,
  /** Between two looks at the chain while waiting; doubled up to the second value. */
  pollMinMs: 25,
  pollMaxMs: 500,
  /** Calls in one JSON-RPC batch. */
  callsPerBatchMax: 100,
  /** How long a falling block number is taken for a node that lags; after that it is a chain that was rewound. */
  rewindToleranceMs: 5_000,
  /** Fee raises of one commit: a replacement must pay at least a tenth more, so 10 raises are 9 times the first fee. */
  feeRaisesMax: 10,
} as const;

/** Gas given to a transaction. Generous: unused gas costs nothing, and an estimate would be one more thing to believe. */
export const GAS = {
  transaction: 100_000n,
  /** Two new slots, one changed, an event. */
  head: 150_000n,
  /** Two SHA-256 calls and 32 bytes of calldata. */
  proofNode: 4_000n,
  /** One ecrecover, its search among the attesters, 65 bytes of calldata. */
  attestation: 100_000n,
  registration: 400_000n,
  /** One slot and the search for it among the members. */
  attester: 60_000n,
  /** The code of the contract. */
  deployment: 6_000_000n,
  /** A proposal or an approval that enacts a change of many members or logs. */
  decision: 6_000_000n,
  /** Four slots and an event. */
  member: 200_000n,
} as const;
