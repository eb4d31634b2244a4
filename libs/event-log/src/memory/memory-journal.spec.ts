import { journalContract } from '../journal-contract.js';
import { createMemoryUnitKeys } from '../unit-keys.js';
import { createMemoryJournal } from './memory-journal.js';

journalContract('Memory', () => {
  const unitKeys = createMemoryUnitKeys();
  const journal = createMemoryJournal({ unitKeys });
  return Promise.resolve({ journal, reader: journal, unitKeys, another: (limits) => Promise.resolve(journal.another(limits)) });
});
