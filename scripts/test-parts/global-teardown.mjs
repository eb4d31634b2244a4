import { rmSync } from 'node:fs';

/** Stops what global-setup started and removes its data. */
export default async function stopParts() {
  const started = globalThis.countersignTestParts;
  if (started === undefined) return;
  await started.parts.stop();
  rmSync(started.dataDir, { recursive: true, force: true });
}
