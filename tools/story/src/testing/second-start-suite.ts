import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SERVICES } from '@countersign/stack';
import { expect, it } from '@jest/globals';
import type { StoryReport } from '../story-report.js';
import { countersign } from './command-line.js';
import { untilQuiet } from '../quiet.js';
import type { StoryStage } from './story-run.js';
import { paymentTriggers } from './story-suite.js';
import { logSizes } from './whole-log.js';

const LIMIT_MS = 180_000;
/** Steps of the story that are one command each. */
const SINGLE_COMMANDS = 20;
const BUNDLE = 'kept.bundle.json';

/** Stopping leaves nothing behind but files; starting again finds everything recorded. */
export function secondStartSuite(stage: StoryStage): void {
  it(
    'leaves no process, and its bundle can be verified with everything stopped',
    async () => {
      await untilQuiet(stage.run.platform);
      writeFileSync(path.join(stage.folder, BUNDLE), stage.run.outcome.bundle);
      const sizes = await logSizes(stage.run);
      const first = stage.run.outcome.report;
      // Three parts, four services, and what watches over them.
      expect(processesOf(stage.dataDir).length).toBeGreaterThanOrEqual(7);
      await stage.stop();
      expect(processesOf(stage.dataDir)).toEqual([]);
      const verified = await countersign(stage.folder, ['verify', BUNDLE, '--trust', '.countersign/public/trust.json']);
      expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
      const audited = await countersign(stage.folder, ['audit']);
      expect(audited).toMatchObject({ exitCode: 2 });

      await stage.play();
      expect(await logSizes(stage.run)).toEqual(sizes);
      const { report } = stage.run.outcome;
      expect(report.holds).toBe(true);
      expect([repeatedIn(first), repeatedIn(report)]).toEqual([0, SINGLE_COMMANDS]);
      expect([...(await paymentTriggers(stage.run)).keys()]).toHaveLength(1);
      await untilQuiet(stage.run.platform);
      expect(await logSizes(stage.run)).toEqual(sizes);
    },
    LIMIT_MS,
  );

  it(
    'ends as it should, without one error in any log of its services',
    async () => {
      const files = SERVICES.map((service) => stage.run.platform.services[service].logFile);
      await stage.stop();
      expect(processesOf(stage.dataDir)).toEqual([]);
      expect(stage.lines.filter((line) => line.includes('unexpectedly'))).toEqual([]);
      const errors = files.flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => /"level":"(error|fatal)"/.test(line)),
      );
      expect(errors).toEqual([]);
    },
    LIMIT_MS,
  );
}

function repeatedIn({ steps }: StoryReport): number {
  return steps.filter(({ text }) => text.endsWith(', found recorded')).length;
}

/** Command lines of all processes that were started with this data directory, as argument or in their environment. */
function processesOf(dataDir: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((file) => readProc(pid, file).includes(dataDir)))
    .map((pid) => readProc(pid, 'cmdline').replaceAll('\0', ' '));
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // It ended meanwhile, or it is not ours to read.
  }
}
