import type { StorageNoted, StorageState } from './storage.js';

/** Identity says whose a RIC is; said again it adds nothing. */
export function noteStorage(state: StorageState, ric: string, organisationId: string): readonly StorageNoted[] {
  if (state.status === 'KNOWN' && state.organisationId === organisationId) return [];
  return [{ type: 'StorageNoted', data: { ric, organisationId } }];
}
