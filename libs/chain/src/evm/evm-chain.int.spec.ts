import { randomBytes } from 'node:crypto';
import { startDevelopmentChain } from '@countersign/contract-evm';
import { chainContract } from '../chain-contract.js';
import { DEVELOPMENT_FINALITY } from '../config.js';
import { RecordedBroadcasts } from '../recorded-broadcasts.js';
import { deployRegistry } from './deploy-registry.js';
import { createEvmChain } from './evm-chain.js';

chainContract('The EVM chain', async () => {
  const node = await startDevelopmentChain();
  const { rpcUrl } = node;
  const [publisherKey, strangerKey] = [randomBytes(32), randomBytes(32)];
  const { contract } = await deployRegistry({ rpcUrl, deployerKey: publisherKey });
  // Deploying once more gives the stranger funds.
  await deployRegistry({ rpcUrl, deployerKey: strangerKey });
  const broadcasts = new RecordedBroadcasts();
  return {
    chain: createEvmChain({ rpcUrl, contract, publisherKey, broadcasts }),
    broadcasts,
    stranger: createEvmChain({ rpcUrl, contract, publisherKey: strangerKey, broadcasts: new RecordedBroadcasts() }),
    finality: DEVELOPMENT_FINALITY,
    close: () => node.stop(),
  };
});
