/** Where the library tells what happens: event names and plain facts, never a value, key or header of a record. */
export interface BusLog {
  info(event: string, facts: Readonly<Record<string, string | number>>): void;
  warn(event: string, facts: Readonly<Record<string, string | number>>): void;
}

/** For tests and tools that do not care. */
export const silentLog: BusLog = { info: () => undefined, warn: () => undefined };
