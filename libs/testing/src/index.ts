export { codeOf } from './code-of.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { testAddresses, type TestAddresses } from './addresses.js';
export { uniqueGroupId, uniqueTopicPrefix } from './unique-names.js';
