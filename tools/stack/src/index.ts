export { StackError } from './stack-error.js';
export { defaultDataDir, openDataLayout, REPOSITORY_ROOT, type DataLayout } from './layout.js';
export { partsFromEnvironment, startParts, type GivenParts, type Parts, type StartPartsOptions } from './start-parts.js';
