export type { Branded } from './parsing.js';
export * from './activity.js';
export * from './codes.js';
export * from './contract.js';
export * from './document-number.js';
export * from './quantity.js';
export * from './stock-number.js';
export * from './time.js';
export * from './uii.js';
