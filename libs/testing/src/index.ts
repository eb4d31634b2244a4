export {
  createAccessMatrix,
  type AccessMatrix,
  type AccessMatrixOptions,
  type AccessRow,
  type Answers,
  type Grant,
  type MatrixAnswer,
  type MatrixCaller,
  type MatrixMethod,
  type MatrixOrganisation,
  type MatrixWorld,
} from './access-matrix.js';
export { codeOf } from './code-of.js';
export { contractComment } from './contract-comments.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { testAddresses, type TestAddresses } from './addresses.js';
export { uniqueGroupId, uniqueTopicPrefix } from './unique-names.js';
