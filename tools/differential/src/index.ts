export { compareVerifiers, type OtherVerifier, type Runs, type Tally } from './differential.js';
export type { Judged, Judgement } from './judgement.js';
