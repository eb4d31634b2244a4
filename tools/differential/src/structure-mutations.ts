import { isObject, placesOf, putAt, valueAt, type Json, type Place } from './json.js';
import type { SeededRandom } from './seeded-random.js';
import { mutateText } from './text-mutations.js';

type StructureMutation = (place: Place, random: SeededRandom, donors: Donors) => void;

/** What values can be taken from: the mutated value itself and a foreign one of the same kind. */
export interface Donors {
  readonly own: Json;
  readonly foreign: Json;
}

const MUTATIONS: readonly StructureMutation[] = [
  changeText,
  changeText,
  changeText,
  changeText,
  takeFrom('own'),
  takeFrom('own'),
  takeFrom('foreign'),
  removeOne,
  repeatOne,
  swapTwo,
  (place, random) => changeList(place, random),
  (place, random) => addMember(place, random),
  (place, random) => retype(place, random),
];

/**
 * Changes a value in place, somewhere below its root, in one random way.
 *
 * @param donors where other values are taken from
 */
export function mutateStructure(value: Json, random: SeededRandom, donors: Donors): void {
  const places = placesOf(value);
  if (places.length === 0) return;
  random.pick(MUTATIONS)(pickPlace(places, random), random, donors);
}

/** Half of the changes go where a place is as likely as its name, not as its number: else long lists get them all. */
function pickPlace(places: readonly Place[], random: SeededRandom): Place {
  if (random.chance(50)) return random.pick(places);
  const names = [...new Set(places.map(nameOf))];
  const name = random.pick(names);
  return random.pick(places.filter((place) => nameOf(place) === name));
}

function nameOf({ holder, key }: Place): string {
  return Array.isArray(holder) ? `[] of ${typeof holder[0]}` : String(key);
}

function changeText(place: Place, random: SeededRandom): void {
  const value = valueAt(place);
  if (typeof value === 'string') putAt(place, mutateText(value, random));
  else if (typeof value === 'number')
    putAt(place, random.pick([value + 1, value - 1, -value, value + 0.5, 2 ** 53, 1e21, String(value)]));
  else if (typeof value === 'boolean') putAt(place, !value);
}

function takeFrom(donor: keyof Donors): StructureMutation {
  return (place, random, donors) => {
    const alike = placesOf(donors[donor]).filter((other) => nameOf(other) === nameOf(place));
    const given = alike.length > 0 && random.chance(85) ? random.pick(alike) : random.pick(placesOf(donors[donor]));
    putAt(place, structuredClone(valueAt(given)));
  };
}

function removeOne({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function repeatOne(place: Place, random: SeededRandom): void {
  const { holder, key } = place;
  const copy = structuredClone(valueAt(place));
  if (Array.isArray(holder)) holder.splice(random.below(holder.length + 1), 0, copy);
  else putAt({ holder, key: random.pick([`${key}2`, String(key).toUpperCase(), 'more']) }, copy);
}

function swapTwo(place: Place, random: SeededRandom): void {
  const { holder } = place;
  const keys = Array.isArray(holder) ? holder.map((_, at) => at) : Object.keys(holder);
  const other = { holder, key: random.pick<string | number>(keys) };
  const value = valueAt(place);
  putAt(place, valueAt(other));
  putAt(other, value);
}

function changeList(place: Place, random: SeededRandom): void {
  const value = Array.isArray(place.holder) ? place.holder : valueAt(place);
  if (!Array.isArray(value)) return;
  random.pick([
    () => value.reverse(),
    () => value.splice(random.below(value.length)),
    () => value.splice(0, 1 + random.below(value.length)),
    () => value.push(...structuredClone(value)),
    () => value.push(null),
    () => (value.length = 0),
    () => value.sort(() => (random.chance(50) ? 1 : -1)),
  ])();
}

function addMember(place: Place, random: SeededRandom): void {
  const value = isObject(valueAt(place)) ? valueAt(place) : place.holder;
  if (!isObject(value)) return;
  const name = random.pick([
    'more',
    '__proto__',
    'constructor',
    'toString',
    'claim',
    'prev',
    'anchoredTime',
    'entry',
    'head',
    'evidence',
    '',
  ]);
  putAt({ holder: value, key: name }, random.pick<Json>(['', '0', 'x', 0, null, [], {}]));
}

function retype(place: Place, random: SeededRandom): void {
  const value = valueAt(place);
  putAt(
    place,
    random.pick<Json>([
      null,
      true,
      0,
      1,
      typeof value === 'string' ? Number(value) || 2 : 2,
      '',
      [],
      {},
      [value],
      { '0': value },
      JSON.stringify(value),
    ]),
  );
}
