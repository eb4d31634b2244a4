export { PROCUREMENT } from './service.js';
