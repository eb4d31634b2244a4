import { afterAll, beforeAll, describe } from '@jest/globals';
import { allCrashPointsSuite } from './testing/crash-points-suite.js';
import { StoryStage } from './testing/story-run.js';

/** A platform with parts of its own on which services die at every step between a message and its proof. */

const LIMIT_MS = 240_000;
const stage = new StoryStage();

beforeAll(() => stage.play(), LIMIT_MS);

afterAll(async () => {
  await stage.stop();
  stage.remove();
}, LIMIT_MS);

describe('a service that dies at one step', () => allCrashPointsSuite(() => stage.run));
