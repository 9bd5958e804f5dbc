import { badgeRows } from '../page/timeline/badge-rows.ts';
import { roundMarks, writeMark } from '../page/timeline/round-marks.ts';
import { percentIn, type View } from './view.ts';

const SVG = 'http://www.w3.org/2000/svg';
const MARK_PX = 90;
const LETTER_PX = 7.2;
const BADGE_PX = 21;
const BADGE_ROWS = 3;

/** Rows are stretched whole up to so many times their width. */
const MOST_TIMES = 24;

interface Shape {
  readonly element: SVGElement;
  readonly fromMs: number;
  readonly toMs: number;
  /** False for what stands at one moment. */
  readonly isStretch: boolean;
  /** Whether it was in sight in the view before: of thousands of shapes, only those that are, or were, cost anything. */
  seen: boolean;
}

function shapesOf(board: HTMLElement): readonly Shape[] {
  return [...board.querySelectorAll<SVGElement>('[data-f]')]
    .filter((element) => element.closest('.marks, .grid') === null)
    .map((element) => ({
      element,
      fromMs: Number(element.dataset.f),
      toMs: Number(element.dataset.t ?? element.dataset.f),
      isStretch: element.dataset.t !== undefined,
      seen: true,
    }));
}

/** Shows a shape where it is in the view, or not at all. A stretch is cut at the edges: very wide ones are drawn wrongly. */
function placeShape(shape: Shape, view: View): void {
  const { element, fromMs, toMs, isStretch } = shape;
  const seen = toMs >= view.fromMs && fromMs <= view.toMs;
  if (seen !== shape.seen) element.classList.toggle('gone', !seen);
  shape.seen = seen;
  if (!seen) return;
  const start = percentIn(view, Math.max(fromMs, view.fromMs));
  element.setAttribute('x', `${start.toFixed(3)}%`);
  if (isStretch)
    element.setAttribute('width', `${(percentIn(view, Math.min(toMs, view.toMs)) - start).toFixed(3)}%`);
}

/** Makes all rows wider at once, which costs the same however many shapes there are. */
function stretch(frames: readonly SVGElement[], view: View, inside: View): void {
  const times = (inside.toMs - inside.fromMs) / (view.toMs - view.fromMs);
  const x = `${(percentIn(inside, view.fromMs) * -times).toFixed(4)}%`;
  const width = `${(times * 100).toFixed(4)}%`;
  for (const frame of frames) {
    frame.setAttribute('x', x);
    frame.setAttribute('width', width);
  }
}

/** A phase's name stays in sight while its phase does, and is left out where it has no room. */
function placeName(element: SVGElement, view: View, inside: View, width: number): void {
  const from = Math.max(Number(element.dataset.f), view.fromMs);
  const until = Math.min(Number(element.dataset.until), view.toMs);
  const room = ((until - from) / (view.toMs - view.fromMs)) * width;
  const fits = room >= (element.textContent ?? '').length * LETTER_PX + 8;
  element.classList.toggle('gone', !fits);
  element.classList.remove('hidden');
  if (fits) element.setAttribute('x', `${percentIn(inside, from)}%`);
}

function placeBadges(badges: readonly SVGElement[], view: View, width: number): void {
  const inView = badges.filter(
    ({ dataset }) => Number(dataset.f) >= view.fromMs && Number(dataset.f) <= view.toMs,
  );
  const pixels = inView.map((badge) => (percentIn(view, Number(badge.dataset.f)) / 100) * width);
  const rows = badgeRows(pixels, BADGE_PX, BADGE_ROWS);
  inView.forEach((badge, index) => {
    const row = rows[index] ?? -1;
    badge.classList.remove('hidden', 'crowded');
    badge.classList.toggle('gone', row === -1);
    badge.setAttribute('y', String(Math.max(0, row) * BADGE_PX + BADGE_PX / 2));
  });
}

function drawMarks(board: HTMLElement, view: View, width: number): void {
  const marks = roundMarks(view.fromMs, view.toMs, Math.max(2, Math.floor(width / MARK_PX)));
  const texts = marks.map((mark) => {
    const percent = percentIn(view, mark);
    const text = document.createElementNS(SVG, 'text');
    text.setAttribute('x', `${percent}%`);
    text.setAttribute('y', '13');
    text.setAttribute('text-anchor', percent < 3 ? 'start' : percent > 97 ? 'end' : 'middle');
    text.textContent = writeMark(mark);
    return text;
  });
  const lines = marks.map((mark) => {
    const line = document.createElementNS(SVG, 'rect');
    line.setAttribute('class', 'grid-line');
    line.setAttribute('x', `${percentIn(view, mark)}%`);
    line.setAttribute('width', '1');
    line.setAttribute('height', '100%');
    return line;
  });
  board.querySelector('.marks')?.replaceChildren(...texts);
  board.querySelector('.grid')?.replaceChildren(...lines);
}

/**
 * Moves what the page was drawn with, so that there is one drawing and not two. Up to a width that browsers still draw exactly
 * the rows are stretched whole; beyond, each shape that is in sight is placed by itself, and they are few.
 * @returns what to call with each new view.
 */
export function openShapes(board: HTMLElement, whole: View): (view: View, width: number) => void {
  const frames = [...board.querySelectorAll<SVGElement>('.moving')].filter(
    (frame) => frame.closest('.axis') === null,
  );
  const shapes = shapesOf(board);
  const names = [...board.querySelectorAll<SVGElement>('.phase-name')];
  const badges = [...board.querySelectorAll<SVGElement>('.badge')];
  let placed = whole;
  return (view, width) => {
    const times = (whole.toMs - whole.fromMs) / (view.toMs - view.fromMs);
    // The stretch of time that a whole frame shows.
    const inside = times <= MOST_TIMES ? whole : view;
    if (inside !== placed) for (const shape of shapes) placeShape(shape, inside);
    placed = inside;
    stretch(frames, view, inside);
    for (const name of names) placeName(name, view, inside, width);
    placeBadges(badges, view, width);
    drawMarks(board, view, width);
  };
}
