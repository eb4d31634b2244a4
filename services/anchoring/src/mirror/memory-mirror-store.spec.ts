import { MemoryMirrorStore } from './memory-mirror-store.js';
import { mirrorStoreContract } from './mirror-store-contract.js';

mirrorStoreContract('memory', () => Promise.resolve(new MemoryMirrorStore()));
