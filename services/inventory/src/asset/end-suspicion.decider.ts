import { compareTimes, DomainError, type Rfc3339 } from '@countersign/kernel';
import type { AssetEvent, AssetState, Examination, Hold, KnownAsset } from './asset.js';

/** What a laboratory signed; its signature has been verified. */
export interface LaboratoryResult {
  readonly uii: string;
  readonly result: 'AUTHENTIC' | 'COUNTERFEIT';
  readonly report: string;
  readonly examinedAt: Rfc3339;
  /** Identity's id of who signed. */
  readonly signedBy: string;
  /** The JWS as received. */
  readonly signedResult: string;
}

export interface EndSuspicion {
  readonly result: LaboratoryResult;
  /** Identity's id of the inspector who gives the command. */
  readonly person: string;
  readonly eventTime: Rfc3339;
}

/** @throws DomainError ASSET_NOT_HELD, SAME_PERSON, RESULT_DIFFERS */
export function releaseHold(state: AssetState, command: EndSuspicion): readonly AssetEvent[] {
  const { uii, examination } = concluded(state, command, 'AUTHENTIC');
  return [
    { type: 'AuthenticityConfirmed', data: { uii, ...examination } },
    { type: 'HoldReleased', data: { uii, hold: 'SUSPECT_COUNTERFEIT', releasedBy: command.person } },
  ];
}

/** @throws DomainError ASSET_NOT_HELD, SAME_PERSON, RESULT_DIFFERS */
export function confirmCounterfeit(state: AssetState, command: EndSuspicion): readonly AssetEvent[] {
  const { uii, examination } = concluded(state, command, 'COUNTERFEIT');
  return [{ type: 'CounterfeitConfirmed', data: { uii, ...examination } }];
}

/** A suspicion ends by a signed result only, and never by the hand of the one who raised it (invariant A3). */
function concluded(
  state: AssetState,
  { result, person, eventTime }: EndSuspicion,
  expected: LaboratoryResult['result'],
): { readonly uii: string; readonly examination: Examination } {
  const { uii, hold } = suspected(state);
  if (hold.placedBy === person || hold.placedBy === result.signedBy) {
    throw new DomainError('SAME_PERSON', { rule: 'placing a hold and ending it' });
  }
  if (result.uii !== uii) throw new DomainError('RESULT_DIFFERS', { field: 'result', rule: 'the result is about another UII' });
  if (result.result !== expected)
    throw new DomainError('RESULT_DIFFERS', { field: 'result', rule: `the result must say ${expected}` });
  const { report, examinedAt, signedResult } = result;
  if (compareTimes(examinedAt, hold.placedAt as Rfc3339) < 0 || compareTimes(examinedAt, eventTime) > 0) {
    throw new DomainError('RESULT_DIFFERS', { field: 'result', rule: 'the examination lies between the hold and its end' });
  }
  return { uii, examination: { report, examinedAt, signedResult } };
}

function suspected(state: AssetState): KnownAsset & { readonly hold: Extract<Hold, { kind: 'SUSPECT_COUNTERFEIT' }> } {
  if (state.status === 'NONE' || state.hold.kind !== 'SUSPECT_COUNTERFEIT')
    throw new DomainError('ASSET_NOT_HELD', { field: 'uii' });
  return { ...state, hold: state.hold };
}
