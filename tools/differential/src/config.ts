/** Bundles that are on their way to the other verifier at one time. */
export const BATCH_SIZE = 128;
/** Pause between two lines of progress. */
export const TELL_MS = 10_000;

/** Bundles that `npm test` changes, and what that may take on a busy machine. */
export const SHORT_RUNS = 2_500;
export const SHORT_LIMIT_MS = 180_000;

/** The same for `npm run test:long`. */
export const LONG_RUNS = 1_000_000;
export const LONG_LIMIT_MS = 6 * 3_600_000;

/** From how many on every check has to have failed. */
export const ALL_CHECKS_RUNS = 20_000;
