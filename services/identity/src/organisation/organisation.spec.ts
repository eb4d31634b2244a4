import { describe, expect, it } from '@jest/globals';
import { given, organisationRegistered } from '../identity.builders.js';
import { changeCodes } from './change-codes.decider.js';
import { agencyCode, CODE, codeKey, codesOf, type Code } from './code.js';
import { NO_CODES, ORGANISATION } from './organisation.js';
import { assignCode, registerOrganisation, releaseCode } from './register-organisation.decider.js';

const DODAAC: Code = { kind: 'dodaac', code: 'W99DP1' };
const refusal = (code: string, field?: string) =>
  expect.objectContaining(field === undefined ? { code } : { code, detail: expect.objectContaining({ field }) });

describe('when there is no organisation', () => {
  it('registers it', () => {
    const event = organisationRegistered();
    expect(registerOrganisation(given(ORGANISATION), event.data)).toEqual(event);
  });

  it('changes no codes', () => {
    expect(() => changeCodes(given(ORGANISATION), { assigned: NO_CODES, released: NO_CODES })).toThrow(refusal('NOT_FOUND'));
  });
});

describe('when the organisation is registered', () => {
  const state = given(ORGANISATION, organisationRegistered());

  it('refuses a second one with its id', () => {
    expect(() => registerOrganisation(state, organisationRegistered({ name: 'Other' }).data)).toThrow(
      refusal('ORGANISATION_EXISTS', 'organisation_id'),
    );
  });

  it('says which codes it holds after a change, each once', () => {
    const event = changeCodes(state, {
      assigned: { ...NO_CODES, dodaacs: ['W99DP2', 'W99CT1'], cageCodes: ['35962'] },
      released: { ...NO_CODES, dodaacs: ['W99DP1'] },
    });
    expect(event.data).toEqual({
      organisationId: 'depot-usa',
      ...NO_CODES,
      cageCodes: ['35962'],
      dodaacs: ['W99CT1', 'W99DP2'],
      rics: ['Z9D'],
    });
    expect(given(ORGANISATION, organisationRegistered(), event)).toMatchObject({
      name: 'Depot',
      codes: { dodaacs: ['W99CT1', 'W99DP2'] },
    });
  });

  it('refuses a change of nothing', () => {
    expect(() => changeCodes(state, { assigned: NO_CODES, released: NO_CODES })).toThrow(refusal('FIELD_MISSING', 'assigned'));
  });
});

describe('a code', () => {
  const assigned = assignCode(given(CODE), DODAAC, 'depot-usa');

  it('is assigned while nobody holds it', () => {
    expect(assigned).toEqual({ type: 'CodeAssigned', data: { ...DODAAC, organisationId: 'depot-usa' } });
  });

  it('has one holder at a time', () => {
    expect(() => assignCode(given(CODE, assigned), DODAAC, 'unit-usa')).toThrow(refusal('CODE_TAKEN', 'dodaacs'));
    expect(() => assignCode(given(CODE, assigned), DODAAC, 'depot-usa')).toThrow(refusal('CODE_TAKEN', 'dodaacs'));
  });

  it('is released by its holder only, and free again then', () => {
    expect(() => releaseCode(given(CODE), DODAAC, 'depot-usa')).toThrow(refusal('CODE_NOT_HELD', 'dodaacs'));
    expect(() => releaseCode(given(CODE, assigned), DODAAC, 'unit-usa')).toThrow(refusal('CODE_NOT_HELD', 'dodaacs'));
    const released = releaseCode(given(CODE, assigned), DODAAC, 'depot-usa');
    expect(assignCode(given(CODE, assigned, released), DODAAC, 'unit-usa').data.organisationId).toBe('unit-usa');
  });

  it('has a stream of its own, whatever an agency is called', () => {
    const keys = [
      ...codesOf({ cageCodes: ['35962'], dodaacs: ['WZ9AA0'], rics: ['Z9D'], uics: ['WZ9AA0'] }),
      agencyCode({ state: 'WI', station: 'JUNEAU COUNTY SHERIFF DEPT' }),
      agencyCode({ state: 'WI', station: 'JUNEAU COUNTY SHERIFF DEPT   ' }),
      agencyCode({ state: 'WI', station: "ST. MARY'S/A PD" }),
    ].map(codeKey);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^[!-~]+$/);
  });
});
