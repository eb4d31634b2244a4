export type { JsonObject, JsonValue } from './json.js';
export { ERROR_CODES, type ErrorCode, type ErrorKind } from './error-codes.js';
export { DomainError, type ErrorDetail } from './domain-error.js';
export {
  isPersonalGroup,
  type DomainEvent,
  type EventData,
  type EventSchema,
  type FieldPlacement,
  type Link,
  type StreamDefinition,
} from './event.js';
export { ROLES, type Actor, type CommandEnvelope, type Role } from './envelope.js';
export * from './codes/index.js';
export * from './identifiers/index.js';
