export {
  logKey,
  REFUSALS,
  type AnchoredHead,
  type Broadcast,
  type Broadcasts,
  type Chain,
  type CommitReceipt,
  type Head,
  type HeadCommit,
  type LogListing,
  type Quorum,
  type Refusal,
  type Settlement,
} from './chain.js';
export { attestationDigest, attesterOf, signAttestation } from './attestation.js';
export { DEVELOPMENT_FINALITY, UNCHECKED_FINALITY } from './config.js';
export { createEvmChain, type EvmChainOptions } from './evm/evm-chain.js';
export { deployRegistry, type DeployedRegistry, type DeployRegistryOptions } from './evm/deploy-registry.js';
export { createFakeChain, type CommitFault, type FakeChain, type FakeChainOptions } from './fake-chain.js';
export { createRegistryMembers, type RegistryMembersOptions } from './evm/registry-members.js';
export type { MembersChange, MembersListing, MembersProposal, RegistryMembers } from './members.js';
