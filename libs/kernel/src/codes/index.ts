export * from './control.js';
export * from './ncb.js';
export * from './priority.js';
export * from './supply-condition.js';
export * from './supply-group.js';
export * from './supply-status.js';
export * from './unit-of-issue.js';
