/** A repeatable source of chance: the same seed gives the same draws on every machine and version. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, below). */
  integer(below: number): number;
  /** `count` different elements, in the order drawn. */
  pick<T>(from: readonly T[], count: number): readonly T[];
}

/** FNV-1a, 32 bit: spreads a text seed over the generator's state. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value ^= text.charCodeAt(i);
    value = Math.imul(value, 0x01000193);
  }
  return value >>> 0;
}

/**
 * mulberry32 (Tommy Ettinger, public domain): small, fast, and good enough to choose targets. Each purpose takes its own stream
 * (`seededRandom(seed + '/' + step)`), so that adding a step does not change the draws of the others.
 */
export function seededRandom(seed: string): SeededRandom {
  let state = hash(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    next,
    integer,
    pick<T>(from: readonly T[], count: number): readonly T[] {
      const pool = [...from];
      const picked: T[] = [];
      while (picked.length < count && pool.length > 0) {
        picked.push(...pool.splice(integer(pool.length), 1));
      }
      return picked;
    },
  };
}
