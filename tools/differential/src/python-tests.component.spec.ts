import { spawn } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { PYTHON_FOLDER, whyNoPython } from './python-verifier.js';

const PYTHON_TESTS_LIMIT_MS = 60_000;
const whyNot = await whyNoPython();
const itRuns = whyNot === undefined ? it : it.skip;

describe(`the tests of the Python verifier${whyNot === undefined ? '' : ` (left out: ${whyNot})`}`, () => {
  itRuns(
    'pass',
    async () => {
      const tests = spawn('python3', ['-m', 'unittest'], { cwd: PYTHON_FOLDER, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      tests.stderr.setEncoding('utf8').on('data', (words: string) => {
        said += words;
      });
      await new Promise((resolve) => tests.once('close', resolve));
      // All of them ran: a discovery that finds nothing says OK, too.
      const [, ran] = /^Ran (\d+) tests in .*\n\nOK\n$/m.exec(said) ?? [];
      expect({ said, many: Number(ran) > 50 }).toEqual({ said: expect.stringMatching(/OK\n$/), many: true });
    },
    PYTHON_TESTS_LIMIT_MS,
  );
});
