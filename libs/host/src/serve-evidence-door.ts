import { openEvidenceDoor, type DoorOptions } from './evidence-door-fixture.js';

/**
 * An evidence door as a process of its own, for tests that kill it or weigh it. Options as JSON in `DOOR_OPTIONS`; sends `ready`, answers
 * each message with what it holds of its memory after a collection, in bytes (run it with --expose-gc).
 */
const door = await openEvidenceDoor(JSON.parse(process.env['DOOR_OPTIONS'] ?? '{}') as DoorOptions);
process.on('message', () => {
  globalThis.gc?.();
  // What the first collection found unused is given back beside it and counted until then; the second one waits for that.
  setImmediate(() => {
    globalThis.gc?.();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    process.send?.({ held: heapUsed + arrayBuffers, rss, open: door.subscriptions.open });
  });
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
