import { afterAll, beforeAll, describe } from '@jest/globals';
import { accessSuite } from './testing/access-suite.js';
import { canarySuite } from './testing/canary-suite.js';
import { commandLineSuite } from './testing/command-line-suite.js';
import { crashPointsSuite } from './testing/crash-points-suite.js';
import { erpInputSuite } from './testing/erp-input-suite.js';
import { foreignClientsSuite } from './testing/foreign-clients-suite.js';
import { grpcInputSuite } from './testing/grpc-input-suite.js';
import { killSuite } from './testing/kill-suite.js';
import { secondStartSuite } from './testing/second-start-suite.js';
import { storySuite } from './testing/story-suite.js';
import { StoryStage } from './testing/story-run.js';
import { tamperingSuite } from './testing/tampering-suite.js';

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
describe('somebody without a part in it', () => accessSuite(run));
describe('tampering in the database', () => tamperingSuite(run));
describe('clients that are not ours', () => foreignClientsSuite(run));
describe('a service that is killed', () => killSuite(run));
describe('a service that dies at one step', () => crashPointsSuite(run));
describe('what is confidential', () => canarySuite(run));
describe('the command line', () => commandLineSuite(run));
describe('the second start', () => secondStartSuite(stage));
