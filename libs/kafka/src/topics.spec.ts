import { describe, expect, it } from '@jest/globals';
import { topicsToCreate } from './topics.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

describe('the topics of the catalogue', () => {
  const topics = topicsToCreate('test-');
  const byName = new Map(topics.map((topic) => [topic.topic, topic]));

  it('have a dead letter topic each', () => {
    const bare = topics.filter(({ topic }) => !topic.endsWith('.dlq'));
    expect(bare.filter(({ topic }) => !byName.has(`${topic}.dlq`))).toEqual([]);
    expect(topics).toHaveLength(2 * bare.length);
  });

  // Formats §3: bodies of `in.*` and `.dlq` are kept at most 30 days; they hold what people wrote, in clear.
  it.each(topics.filter(({ topic }) => topic.includes('.in.') || topic.endsWith('.dlq')).map(({ topic }) => topic))(
    '%s forgets every message within 30 days, whatever its time stamp says',
    (name) => {
      const { config = {} } = byName.get(name) ?? {};
      // A segment goes when its last message is old enough, so its first one stays for a segment's time longer.
      const kept = Number(config['retention.ms']) + Number(config['segment.ms']);
      expect(kept).toBeLessThan(30 * DAY_MS);
      expect(Number(config['retention.ms'])).toBeGreaterThanOrEqual(7 * DAY_MS);
      expect(config).toMatchObject({ 'cleanup.policy': 'delete', 'message.timestamp.type': 'LogAppendTime' });
    },
  );
});
