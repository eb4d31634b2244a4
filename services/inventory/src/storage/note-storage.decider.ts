import type { StorageNoted, StorageState, StorageWithdrawn } from './storage.js';

/** Identity says whose a RIC is; said again it adds nothing. */
export function noteStorage(state: StorageState, ric: string, organisationId: string): readonly StorageNoted[] {
  if (state.status === 'KNOWN' && state.organisationId === organisationId) return [];
  return [{ type: 'StorageNoted', data: { ric, organisationId } }];
}

/** The RIC is nobody's now. */
export function withdrawStorage(state: StorageState, ric: string, organisationId: string): readonly StorageWithdrawn[] {
  if (state.status === 'NONE' || state.organisationId !== organisationId) return [];
  return [{ type: 'StorageWithdrawn', data: { ric, organisationId } }];
}
