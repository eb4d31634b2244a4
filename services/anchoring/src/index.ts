export { ANCHORING } from './service.js';
