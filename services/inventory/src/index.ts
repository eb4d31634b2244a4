export { INVENTORY } from './service.js';
