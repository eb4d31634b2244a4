export { LOG_REGISTRY_ABI, LOG_REGISTRY_BYTECODE, LOG_REGISTRY_DEPLOYED_BYTECODE } from './log-registry.generated.js';
export {
  DEVELOPMENT_CHAIN_NAME,
  startDevelopmentChain,
  type DevelopmentChain,
  type DevelopmentChainOptions,
} from './development-chain.js';
