import { afterAll, beforeAll, describe } from '@jest/globals';
import { erpInputSuite } from './testing/erp-input-suite.js';
import { grpcInputSuite } from './testing/grpc-input-suite.js';
import { storySuite } from './testing/story-suite.js';
import { StoryStage } from './testing/story-run.js';

/** One platform with parts of its own, started once: the story is played on it, and everything else is tried on what it left. */

const LIMIT_MS = 240_000;
const stage = new StoryStage();
const run = () => stage.run;

beforeAll(() => stage.play(), LIMIT_MS);

afterAll(async () => {
  await stage.stop();
  stage.remove();
}, LIMIT_MS);

describe('the story', () => storySuite(run));
describe('bad input over gRPC', () => grpcInputSuite(run));
describe('bad input at the ERP door', () => erpInputSuite(run));
