/** `npm run bench`: prepares the clone, then measures on Node 24. Arguments go to the bench. */
import { join } from 'node:path';
import { bootstrap, kafkaIsGiven, main, root, runOnNode24 } from './bootstrap.mjs';

await main(async () => {
  await bootstrap({ kafkaIsGiven: kafkaIsGiven('COUNTERSIGN_KAFKA_BROKERS') });
  return runOnNode24([join(root, 'tools', 'bench', 'dist', 'main.js'), ...process.argv.slice(2)]);
});
