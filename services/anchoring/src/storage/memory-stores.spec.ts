import { headsContract } from './heads-contract.js';
import { MemoryStores } from './memory-stores.js';
import { storesContract } from './stores-contract.js';

storesContract('Memory', () => Promise.resolve(new MemoryStores()));
headsContract('Memory', () => Promise.resolve(new MemoryStores()));
