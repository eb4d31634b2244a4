import { MemoryWitnessStore } from './memory-witness-store.js';
import { witnessStoreContract } from './witness-store-contract.js';

witnessStoreContract('memory', () => Promise.resolve(new MemoryWitnessStore()));
