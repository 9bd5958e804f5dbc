import { sampleNear, type SampleStore } from './sample-store.ts';
import { percentIn, type View } from './view.ts';

const GAP_PX = 14;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms % 100 === 0 ? 1 : 2)} s`;

function milliseconds(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(1)} ms`;
}

/** Tooltips of the drawing are taken out of it, as two of them at once are one too many. */
function takeTitles(board: HTMLElement): WeakMap<Element, string> {
  const says = new WeakMap<Element, string>();
  for (const title of board.querySelectorAll('g > title')) {
    if (title.parentElement !== null) says.set(title.parentElement, title.textContent ?? '');
    title.remove();
  }
  return says;
}

function activeFaults(ms: number): readonly string[] {
  return [...document.querySelectorAll<HTMLElement>('.fault-key [data-fault]')]
    .filter(({ dataset }) => ms >= Number(dataset.from) && ms <= Number(dataset.to))
    .map((item) => `fault ${item.dataset.fault ?? ''}, ${item.querySelector('strong')?.textContent ?? ''}`);
}

function saySample(store: SampleStore | undefined, ms: number): string | undefined {
  const sample = store === undefined ? undefined : sampleNear(store, ms);
  if (sample === undefined) return undefined;
  const { n, plannedMs, outcome, phase, tookMs, impaired } = sample;
  const how =
    outcome === 'ok'
      ? `ok after ${milliseconds(tookMs)}`
      : `${outcome}${phase === undefined ? '' : ` (${phase})`}`;
  return `sample ${n}, planned ${seconds(plannedMs)}: ${how}${impaired ? ', prober impaired' : ''}`;
}

export interface Readout {
  show(event: PointerEvent, ms: number, view: View): void;
  hide(): void;
}

/** What the pointer is over: the moment, the faults that were held, the lane with its nearest sample. */
export function openReadout(
  board: HTMLElement,
  behind: HTMLElement,
  stores: readonly (SampleStore | undefined)[],
): Readout {
  const says = takeTitles(board);
  const cursor = document.createElement('div');
  cursor.className = 'cursor';
  cursor.hidden = true;
  behind.append(cursor);
  const box = document.createElement('div');
  box.className = 'readout';
  box.hidden = true;
  box.setAttribute('aria-hidden', 'true');
  board.append(box);
  const lanes = [...board.querySelectorAll<HTMLElement>('.row')];

  const rowAt = (y: number): HTMLElement | undefined =>
    lanes.find((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return y >= top && y < bottom;
    });

  const fill = (event: PointerEvent, ms: number): void => {
    const row = rowAt(event.clientY);
    const shape = event.target instanceof Element ? event.target.closest('g') : null;
    // Bands are told as faults, all that are held at once.
    const pointed = shape === null || shape.closest('.bands') !== null ? undefined : says.get(shape);
    const lane = row?.dataset.probe === undefined ? undefined : row;
    const lines = [
      lane?.querySelector('strong')?.textContent,
      pointed,
      lane === undefined ? undefined : saySample(stores[Number(lane.dataset.probe)], ms),
      ...activeFaults(ms),
    ].filter((line) => line !== undefined && line !== null && line !== '');
    const moment = document.createElement('strong');
    moment.textContent = seconds(ms);
    box.replaceChildren(
      moment,
      ...lines.map((line) => {
        const part = document.createElement('div');
        part.textContent = line ?? '';
        return part;
      }),
    );
  };

  return {
    show(event, ms, view) {
      cursor.hidden = false;
      cursor.style.left = `${percentIn(view, ms)}%`;
      fill(event, ms);
      box.hidden = false;
      const outer = board.getBoundingClientRect();
      const x = event.clientX - outer.left;
      const right = x + GAP_PX + box.offsetWidth > outer.width;
      box.style.left = `${Math.max(0, right ? x - GAP_PX - box.offsetWidth : x + GAP_PX)}px`;
      box.style.top = `${event.clientY - outer.top + GAP_PX}px`;
    },
    hide() {
      cursor.hidden = true;
      box.hidden = true;
    },
  };
}
