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
  type PublishedEvent,
  type StreamDefinition,
  type Upcaster,
} from './event.js';
export { upcastingBy, type Upcasting } from './upcasting.js';
export { PersistentList } from './persistent-list.js';
export { PersistentMap } from './persistent-map.js';
export { PersistentSet } from './persistent-set.js';
export { ROLES, type Actor, type CommandEnvelope, type Role } from './envelope.js';
export * from './codes/index.js';
export * from './identifiers/index.js';
