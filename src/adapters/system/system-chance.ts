import { randomInt } from 'node:crypto';
import type { Chance } from '../../ports/clock.ts';

/** Without vowels and look-alikes, so that no id reads as a word or is copied wrongly. */
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789';

export function createSystemChance(): Chance {
  return {
    token: (length) => Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join(''),
  };
}
