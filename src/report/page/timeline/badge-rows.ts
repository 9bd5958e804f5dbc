/**
 * Puts marks that follow each other closely on several heights.
 * @param places of the marks, in the order in which they are to be placed.
 * @param near the least distance of two on one height.
 * @returns the height of each, from 0; -1 where it has no room on any.
 */
export function badgeRows(places: readonly number[], near: number, rows: number): readonly number[] {
  const last: number[] = Array.from({ length: rows }, () => Number.NEGATIVE_INFINITY);
  return places.map((place) => {
    const row = last.findIndex((taken) => place - taken >= near);
    if (row !== -1) last[row] = place;
    return row;
  });
}
