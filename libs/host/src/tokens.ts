/** Injection tokens of what the host provides to every module of a service: `@Inject(JOURNAL) private readonly journal: Journal`. */

/** `Journal` of @countersign/event-log. Not provided to a service without a log. */
export const JOURNAL = Symbol('Journal');
/** `LogReader` of @countersign/event-log. Not provided to a service without a log. */
export const LOG_READER = Symbol('LogReader');
/** `LogIdentity` of @countersign/event-log. Not provided to a service without a log. */
export const LOG_IDENTITY = Symbol('LogIdentity');
/** `Projections` of @countersign/event-log. Not provided to a service without read models. */
export const PROJECTIONS = Symbol('Projections');
/** `UnitKeyStore` of @countersign/event-log. */
export const UNIT_KEYS = Symbol('UnitKeyStore');
/** `EventBus` of @countersign/kafka. */
export const EVENT_BUS = Symbol('EventBus');
/** `Keystore` of @countersign/host. */
export const KEYSTORE = Symbol('Keystore');
/** `Logger` of @countersign/observability. */
export const LOGGER = Symbol('Logger');
/** `ServiceConfig` of @countersign/host. */
export const SERVICE_CONFIG = Symbol('ServiceConfig');
/** `TokenSource` of @countersign/access: tokens of the service's own principal. */
export const TOKEN_SOURCE = Symbol('TokenSource');
/** `ServiceActor` of @countersign/host: the service itself, as actor of its reactions. */
export const SERVICE_ACTOR = Symbol('ServiceActor');
