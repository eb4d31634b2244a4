import { relative } from 'node:path';

/** One line a suite with its seconds, failures in full, and the totals at the end. */
export default class SecondsReporter {
  constructor(globalConfig) {
    this.rootDir = globalConfig.rootDir;
  }

  onTestResult(_test, result) {
    const { start, end } = result.perfStats;
    const passed = result.numPassingTests;
    const failed = result.numFailingTests + (result.testExecError ? 1 : 0);
    const mark = failed > 0 ? 'FAIL' : result.skipped ? 'skip' : 'ok  ';
    const counts = failed > 0 ? `${passed} passed, ${failed} failed` : `${passed} passed`;
    const time = ((end - start) / 1000).toFixed(1).padStart(6);
    this.say(`${mark} ${time} s  ${relative(this.rootDir, result.testFilePath)}  (${counts})`);
    if (result.failureMessage) this.say(result.failureMessage);
    if (result.leaks) this.say('  leaks memory');
  }

  onRunComplete(_contexts, results) {
    const time = ((Date.now() - results.startTime) / 1000).toFixed(1);
    const { numPassedTests, numFailedTests, numPendingTests, numPassedTestSuites, numTotalTestSuites } = results;
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
    this.say(`\nsuites: ${numPassedTestSuites} of ${numTotalTestSuites} passed in ${time} s`);
    this.say(`tests: ${numPassedTests} passed, ${numFailedTests} failed${skipped}`);
  }

  getLastError() {
    return undefined;
  }

  say(text) {
    process.stdout.write(`${text}\n`);
  }
}
