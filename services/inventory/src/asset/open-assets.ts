import type { OpenStream, UnitOfWork } from '@countersign/event-log';
import { ASSET, type AssetEvent, type AssetState } from './asset.js';

export type OpenAsset = OpenStream<AssetState, AssetEvent>;

/** Opens the assets of these UIIs, in their order. */
export async function openAssets(
  unit: UnitOfWork,
  uiis: readonly string[],
): Promise<readonly { readonly uii: string; readonly asset: OpenAsset }[]> {
  const opened = [];
  for (const uii of uiis) opened.push({ uii, asset: await unit.open(ASSET, uii) });
  return opened;
}
