/** `npm run bench`: prepares the clone, then measures on Node 24. Arguments go to the bench. Only a full run needs Apache Kafka. */
import { join } from 'node:path';
import { bootstrap, kafkaIsGiven, main, root, runOnNode24 } from './bootstrap.mjs';

const args = process.argv.slice(2);

await main(async () => {
  await bootstrap({ kafkaIsGiven: !args.includes('--full') || kafkaIsGiven('COUNTERSIGN_KAFKA_BROKERS') });
  return runOnNode24([join(root, 'tools', 'bench', 'dist', 'main.js'), ...args]);
});
