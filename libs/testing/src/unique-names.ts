import { randomBytes } from 'node:crypto';

/** A topic prefix of a suite's own (`COUNTERSIGN_TOPIC_PREFIX`), so that suites share one broker without meeting. */
export function uniqueTopicPrefix(): string {
  return `test-${randomBytes(5).toString('hex')}.`;
}

/** A consumer group of a suite's own. */
export function uniqueGroupId(): string {
  return `test-${randomBytes(5).toString('hex')}`;
}
