import { DomainError } from '@countersign/kernel';
import { isCount, requireCount } from '../tree-size.js';

/** Levels of the tree from one tile level to the next (C2SP tlog-tiles). */
export const TILE_LEVELS = 8;
/** Hashes of a full tile, entries of a full entry bundle. */
export const TILE_WIDTH = 2 ** TILE_LEVELS;

/** C2SP tlog-tiles: “a decimal ASCII integer between 0 and 63”. */
const LEVEL_MAX = 63;

/** One resource below `tile/`: hashes of a level, or entries. */
export interface TileAddress {
  readonly level: number | 'entries';
  /** Within the level, from 0. */
  readonly index: number;
  /** Hashes or entries that it holds: 256 for a full one, fewer for a partial one. */
  readonly width: number;
}

/**
 * How many hashes a tile holds in a tree of that size; 0 if it has none. An entry bundle is as wide as the tile of level 0.
 *
 * @throws DomainError FIELD_INVALID if the size is none
 */
export function tileWidthAt(size: number, level: number | 'entries', index: number): number {
  requireCount(size, 'size');
  const subtrees = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
  return Math.max(0, Math.min(TILE_WIDTH, subtrees - index * TILE_WIDTH));
}

/**
 * The path of a tile or an entry bundle below a log's prefix: `tile/0/x001/x234/067`, `tile/entries/000.p/5`.
 *
 * @throws DomainError FIELD_INVALID if there can be no such tile
 */
export function formatTilePath({ level, index, width }: TileAddress): string {
  if (level !== 'entries' && !(isCount(level) && level <= LEVEL_MAX)) throw invalid('level', `is at most ${LEVEL_MAX}`);
  if (!isCount(width) || width < 1 || width > TILE_WIDTH) throw invalid('width', `is 1 to ${TILE_WIDTH}`);
  return `tile/${level}/${formatTileIndex(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/**
 * An index in zero-padded path elements of three digits, all but the last begun by an x: `x001/x234/067`.
 *
 * @throws DomainError FIELD_INVALID if it is no index
 */
export function formatTileIndex(index: number): string {
  requireCount(index, 'index');
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  return groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/');
}

const TILE_PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Reads a path. Undefined unless it is the one path of a tile: no other spelling of an index, level or width is accepted. */
export function parseTilePath(path: string): TileAddress | undefined {
  const [, levelText, indexText, widthText] = TILE_PATH.exec(path) ?? [];
  if (levelText === undefined || indexText === undefined) return undefined;
  const address = {
    level: levelText === 'entries' ? levelText : Number(levelText),
    index: Number(indexText.replace(/[x/]/g, '')),
    width: widthText === undefined ? TILE_WIDTH : Number(widthText),
  } as const;
  return isAddress(address) && formatTilePath(address) === path ? address : undefined;
}

/** A partial tile of width 256 would be a second name of the full one. */
function isAddress({ level, index, width }: TileAddress): boolean {
  return (level === 'entries' || level <= LEVEL_MAX) && isCount(index) && width <= TILE_WIDTH;
}

/** Number of tiles that a level of a tree of that size has, the partial one included. */
export function tileCount(size: number, level: number | 'entries'): number {
  requireCount(size, 'size');
  return Math.ceil(Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level)) / TILE_WIDTH);
}

function invalid(field: string, rule: string): DomainError {
  return new DomainError('FIELD_INVALID', { field, rule });
}
