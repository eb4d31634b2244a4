/** Exit codes of a service process. */
export const EXIT = { stopped: 0, failed: 1, misconfigured: 2 } as const;
