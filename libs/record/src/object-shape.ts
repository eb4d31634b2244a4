/** How objects with certain member names, written in a certain order, are serialised. */
export interface ObjectShape {
  /** As the object lists them. */
  readonly names: readonly string[];
  /** By UTF-16 code units (RFC 8785 section 3.2.3). */
  readonly ordered: readonly string[];
  /** The quoted name and the colon of each, in order. */
  readonly prefixes: readonly string[];
}

const SHAPES_MAX = 16;
const NAMES_MAX = 48;
const NAME_LENGTH_MAX = 64;

/** The most recently found shapes by number of members. Records have few shapes; what somebody sends may have any, so the memory is bounded. */
const known: ObjectShape[][] = Array.from({ length: NAMES_MAX + 1 }, () => []);

/** Sorting and quoting names costs as much as all values do: done once for each shape. */
export function shapeOf(names: readonly string[], quote: (name: string) => string): ObjectShape {
  const shapes = known[names.length];
  if (shapes === undefined) return makeShape(names, quote);
  for (const shape of shapes) if (hasNames(shape, names)) return shape;
  const shape = makeShape(names, quote);
  if (names.every((name) => name.length <= NAME_LENGTH_MAX)) {
    shapes.unshift(shape);
    if (shapes.length > SHAPES_MAX) shapes.pop();
  }
  return shape;
}

function hasNames(shape: ObjectShape, names: readonly string[]): boolean {
  for (let index = 0; index < names.length; index += 1) if (shape.names[index] !== names[index]) return false;
  return true;
}

function makeShape(names: readonly string[], quote: (name: string) => string): ObjectShape {
  const ordered = names.toSorted(byCodeUnits);
  return { names, ordered, prefixes: ordered.map((name) => `${quote(name)}:`) };
}

/** As `<` compares; `localeCompare` would not. */
function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : 1;
}
