export { IDENTITY } from './service.js';
