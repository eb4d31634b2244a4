/** `npm start`: prepares the clone, then plays the story on Node 24. */
import { join } from 'node:path';
import { bootstrap, kafkaIsGiven, main, root, runOnNode24 } from './bootstrap.mjs';

await main(async () => {
  await bootstrap({ kafkaIsGiven: kafkaIsGiven('COUNTERSIGN_KAFKA_BROKERS') });
  return runOnNode24([join(root, 'tools', 'story', 'dist', 'main.js'), ...process.argv.slice(2)]);
});
