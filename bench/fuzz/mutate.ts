import { stringify } from 'yaml';
import type { SeededRandom } from '../../src/model/seeded-random.ts';

type Json = unknown;

/** Values that readers trip over. Long ones are made when they are drawn. */
const NASTY: readonly (() => Json)[] = [
  () => null,
  () => '',
  () => ' ',
  () => 0,
  () => -1,
  () => 1e308,
  () => true,
  () => [],
  () => {
    return {};
  },
  () => [[[[null]]]],
  () => [null, 1, 'x', {}],
  () => '\u0000\uffff\u202e',
  () => '../../../../etc/passwd',
  () => '${HOME}${x}',
  () => '%s%n%00',
  () => 'x'.repeat(70_000),
  () => '(a+)+$',
  () => '__proto__',
  () => 'NaN',
  () => '1e999',
  () => 'https://[::1',
  () => '2026-02-30T99:99:99Z',
  () => ({ __proto__: null, constructor: { prototype: 1 }, toString: 'x', length: -1 }),
  () => Array.from({ length: 300 }, (_, n) => n),
];

const SNIPPETS = [
  '\t',
  '\n- ',
  ': ',
  '&a *a',
  '<<: *a',
  '!!binary x',
  '!!js/function x',
  '? [',
  '{',
  '}',
  '"',
  "'",
  '|',
  '>-',
  '#',
  '\u0000',
  '\ufeff',
  '---\n',
  '...\n',
  '%YAML 9.9\n',
  '0x',
  'é',
  '💥',
  '*missing',
];

/** Mostly once: what is wrong everywhere is refused before the depth is reached. */
const TIMES = [1, 1, 1, 2, 4];

export const draw = <T>(random: SeededRandom, values: readonly T[]): T =>
  values[random.integer(values.length)] as T;

/** A copy with one to four places changed: replaced, taken out, doubled, renamed, or swapped with another place. */
export function mutateTree(random: SeededRandom, tree: Json): Json {
  const copy = structuredClone(tree);
  const root: { value: Json } = { value: copy };
  for (let times = draw(random, TIMES); times > 0; times--) mutateOnce(random, root);
  return root.value;
}

interface Place {
  readonly holder: Record<string, Json>;
  readonly key: string;
}

function placesOf(holder: Record<string, Json>, found: Place[] = []): Place[] {
  for (const key of Object.keys(holder)) {
    found.push({ holder, key });
    const value = holder[key];
    if (typeof value === 'object' && value !== null && found.length < 20_000)
      placesOf(value as Record<string, Json>, found);
  }
  return found;
}

function mutateOnce(random: SeededRandom, root: { value: Json }): void {
  const places = placesOf(root);
  if (places.length === 0) return;
  const { holder, key } = draw(random, places);
  const how = random.integer(8);
  if (how === 0) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else if (how === 1) {
    const other = draw(random, places);
    holder[key] = structuredClone(other.holder[other.key]);
  } else if (how === 2 && !Array.isArray(holder) && holder !== (root as Record<string, Json>)) {
    const name = draw(random, ['__proto__', 'constructor', '', 'length', `${key}x`, 'x'.repeat(300)]);
    Object.defineProperty(holder, name, {
      value: holder[key],
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else if (how === 3 && Array.isArray(holder)) {
    holder.push(structuredClone(holder[Number(key)]));
  } else {
    holder[key] = draw(random, NASTY)();
  }
}

/** The text with one to four places changed: a character, a cut, a piece doubled, or a piece of syntax put in. */
export function mutateText(random: SeededRandom, text: string): string {
  let now = text;
  for (let times = draw(random, TIMES); times > 0; times--) {
    const at = random.integer(now.length + 1);
    const end = Math.min(now.length, at + 1 + random.integer(40));
    const how = random.integer(5);
    if (how === 0) now = now.slice(0, at) + String.fromCharCode(random.integer(300)) + now.slice(at + 1);
    else if (how === 1) now = now.slice(0, at) + now.slice(end);
    else if (how === 2)
      now = now.slice(0, at) + now.slice(at, end).repeat(1 + random.integer(50)) + now.slice(end);
    else if (how === 3) now = now.slice(0, at) + draw(random, SNIPPETS) + now.slice(at);
    else now = now.slice(0, at);
  }
  return now;
}

/** Nothing at all is an empty file. */
export const yamlOf = (tree: Json): string => stringify(tree) ?? '';
