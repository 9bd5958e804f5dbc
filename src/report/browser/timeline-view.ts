import type { PageData } from '../page/page-data-shape.ts';
import { writeMark } from '../page/timeline/round-marks.ts';
import { listenToPointer, listenToWheel } from './timeline-pointer.ts';
import { openReadout } from './readout.ts';
import { openShapes } from './placed-shapes.ts';
import { openStore } from './sample-store.ts';
import { openStrips } from './sample-strips.ts';
import { clampView, moveView, zoomView, type Timeline, type View } from './view.ts';

const ZOOM = 0.5;
const MOVE = 0.2;

/** Room left and right of a fault that is zoomed to, as a share of its length, and at least so long. */
const FAULT_ROOM = { share: 0.35, leastMs: 500 };

function keyedView(key: string, view: View, whole: View): View | undefined {
  const middle = (view.fromMs + view.toMs) / 2;
  switch (key) {
    case 'ArrowLeft':
      return moveView(view, -MOVE, whole);
    case 'ArrowRight':
      return moveView(view, MOVE, whole);
    case '+':
    case '=':
      return zoomView(view, middle, ZOOM, whole);
    case '-':
      return zoomView(view, middle, 1 / ZOOM, whole);
    case '0':
    case 'Escape':
      return whole;
    default:
      return undefined;
  }
}

function listenToKeys(board: HTMLElement, timeline: Timeline): void {
  board.tabIndex = 0;
  board.setAttribute('role', 'group');
  board.setAttribute(
    'aria-label',
    'Drawing of the timeline: arrow keys move, plus and minus zoom, 0 shows all',
  );
  board.addEventListener('keydown', (event) => {
    const next =
      event.ctrlKey || event.metaKey || event.altKey
        ? undefined
        : keyedView(event.key, timeline.view(), timeline.whole);
    if (next === undefined) return;
    event.preventDefault();
    timeline.show(next);
  });
}

function listenToControls(controls: HTMLElement, timeline: Timeline): void {
  const keys: Readonly<Record<string, string>> = { in: '+', out: '-', all: '0' };
  controls.hidden = false;
  controls.addEventListener('click', (event) => {
    const act = event.target instanceof HTMLElement ? event.target.dataset.act : undefined;
    const next = keyedView(keys[act ?? ''] ?? '', timeline.view(), timeline.whole);
    if (next !== undefined) timeline.show(next);
  });
}

/** The number of a fault becomes a button that zooms to it. */
function listenToFaults(timeline: Timeline): void {
  for (const item of document.querySelectorAll<HTMLElement>('.fault-key [data-fault]')) {
    const from = Number(item.dataset.from);
    const to = Number(item.dataset.to);
    const room = Math.max(FAULT_ROOM.leastMs, (to - from) * FAULT_ROOM.share);
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'zoom-to';
    button.textContent = item.dataset.fault ?? '';
    button.setAttribute('aria-label', `Zoom the timeline to fault ${item.dataset.fault ?? ''}`);
    button.addEventListener('click', () => {
      timeline.show(clampView({ fromMs: from - room, toMs: to + room }, timeline.whole));
      document.querySelector('.timeline')?.scrollIntoView({ block: 'nearest' });
    });
    item.querySelector('.number')?.replaceWith(button);
  }
}

function sayView(controls: HTMLElement, view: View, whole: View): void {
  const all = view.fromMs <= whole.fromMs && view.toMs >= whole.toMs;
  const shown = controls.querySelector('.shown');
  const says = all ? '' : `${writeMark(Math.round(view.fromMs))} to ${writeMark(Math.round(view.toMs))}`;
  if (shown !== null && shown.textContent !== says) shown.textContent = says;
  for (const button of controls.querySelectorAll('button'))
    if (button.dataset.act !== 'in') button.disabled = all;
}

/** Lets people zoom and move the timeline that the page was drawn with, and point at it. */
export function openTimeline({ samples }: PageData): void {
  const board = document.querySelector<HTMLElement>('.board');
  const behind = board?.querySelector<HTMLElement>('.behind');
  const controls = document.querySelector<HTMLElement>('.controls');
  if (!board || !behind || !controls) return;
  const stores = samples.map((planes) => (planes === null ? undefined : openStore(planes)));
  const whole: View = { fromMs: Number(board.dataset.from), toMs: Number(board.dataset.to) };
  const drawShapes = openShapes(board, whole);
  const drawStrips = openStrips(board, stores);
  const readout = openReadout(board, behind, stores);
  let view = whole;
  let waiting = false;
  const draw = (): void => {
    waiting = false;
    const width = behind.clientWidth;
    drawShapes(view, width);
    drawStrips.draw(view, width);
    sayView(controls, view, whole);
  };
  const soon = (): void => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(draw);
  };
  const timeline: Timeline = {
    whole,
    view: () => view,
    show(next) {
      view = next;
      readout.hide();
      soon();
    },
  };
  listenToControls(controls, timeline);
  listenToKeys(board, timeline);
  listenToPointer(board, behind, timeline, readout);
  listenToWheel(board, behind, timeline);
  listenToFaults(timeline);
  const anew = (): void => {
    drawStrips.measure();
    soon();
  };
  new ResizeObserver(anew).observe(board);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', anew);
  drawStrips.measure();
  draw();
}
