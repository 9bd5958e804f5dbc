import { latencyShare } from '../page/timeline/latency-share.ts';
import type { SampleStore } from './sample-store.ts';
import type { View } from './view.ts';

interface Strip {
  readonly canvas: HTMLCanvasElement;
  readonly store: SampleStore;
}

interface Inks {
  readonly up: string;
  readonly down: string;
  readonly unseen: string;
}

const FAILED = 1;

/** The fastest, the slowest and the worst of each column of pixels, so that drawing costs the same whatever the number of samples is. */
interface Columns {
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** 0 nothing, 1 good answers, 2 unknown ones among them, 3 failed ones. */
  readonly worst: Uint8Array;
}

function columnsOf({ runs, codes, took }: SampleStore, view: View, width: number): Columns {
  const low = new Float32Array(width).fill(Number.POSITIVE_INFINITY);
  const high = new Float32Array(width);
  const worst = new Uint8Array(width);
  const perPixel = width / (view.toMs - view.fromMs);
  for (const { fromMs, everyMs, count, offset } of runs) {
    const start = Math.max(0, Math.ceil((view.fromMs - fromMs) / everyMs));
    const end = Math.min(count - 1, Math.floor((view.toMs - fromMs) / everyMs));
    for (let place = start; place <= end; place++) {
      const x = Math.min(width - 1, Math.floor((fromMs + place * everyMs - view.fromMs) * perPixel));
      const outcome = (codes[offset + place] ?? 0) & 3;
      const rank = outcome === 0 ? 1 : outcome === FAILED ? 3 : 2;
      if (rank > (worst[x] ?? 0)) worst[x] = rank;
      if (outcome !== 0) continue;
      const tookMs = (took[offset + place] ?? 0) / 10;
      if (tookMs < (low[x] ?? 0)) low[x] = tookMs;
      if (tookMs > (high[x] ?? 0)) high[x] = tookMs;
    }
  }
  return { low, high, worst };
}

/** Each ink in one go: to change it costs more than a rectangle. */
function drawStrip({ canvas, store }: Strip, view: View, inks: Inks, ratio: number, thickness: number): void {
  const { width, height } = canvas;
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  pen.clearRect(0, 0, width, height);
  const { low, high, worst } = columnsOf(store, view, width);
  const wide = Math.max(ratio, thickness * ratio);
  for (const [rank, ink, share] of [
    [2, inks.unseen, 1 / 3],
    [3, inks.down, 1],
  ] as const) {
    pen.fillStyle = ink;
    for (let x = 0; x < width; x++)
      if (worst[x] === rank) pen.fillRect(x, 0, Math.max(ratio, wide / 2), height * share);
  }
  pen.fillStyle = inks.up;
  for (let x = 0; x < width; x++) {
    if (low[x] === Number.POSITIVE_INFINITY) continue;
    const top = height * (1 - latencyShare(high[x] ?? 0));
    const bottom = height * (1 - latencyShare(low[x] ?? 0));
    pen.fillRect(x, Math.min(top, height - 2 * ratio), wide, Math.max(2 * ratio, bottom - top));
  }
}

/** The longest period of the store that is in sight, in pixels: where samples stand apart, each is drawn wide enough to be pointed at. */
function thicknessOf({ runs }: SampleStore, view: View, width: number): number {
  const everyMs = Math.min(...runs.map((run) => run.everyMs));
  return Math.min(4, (everyMs / (view.toMs - view.fromMs)) * width * 0.5);
}

export interface SampleStrips {
  /** Looks how large they are and which colours hold; asked in every frame, it would have the whole page laid out. */
  measure(): void;
  draw(view: View, width: number): void;
}

/** Draws every sample of every lane: how long good answers took, and what failed. */
export function openStrips(board: HTMLElement, stores: readonly (SampleStore | undefined)[]): SampleStrips {
  const strips = [...board.querySelectorAll<HTMLElement>('.lane')].flatMap((lane): Strip[] => {
    const store = stores[Number(lane.dataset.probe)];
    const plot = lane.querySelector('.row-plot');
    if (store === undefined || plot === null) return [];
    const canvas = document.createElement('canvas');
    canvas.className = 'strip';
    canvas.setAttribute('aria-hidden', 'true');
    plot.append(canvas);
    lane.classList.add('drawn');
    return [{ canvas, store }];
  });
  let ratio = 1;
  let inks: Inks = { up: '', down: '', unseen: '' };
  return {
    measure() {
      ratio = window.devicePixelRatio || 1;
      const style = getComputedStyle(document.documentElement);
      const ink = (name: string): string => style.getPropertyValue(name).trim();
      inks = { up: ink('--up'), down: ink('--down'), unseen: ink('--unseen') };
      const sizes = strips.map(({ canvas }) => [canvas.clientWidth, canvas.clientHeight] as const);
      strips.forEach(({ canvas }, index) => {
        const [width = 0, height = 0] = sizes[index] ?? [];
        canvas.width = Math.max(1, Math.round(width * ratio));
        canvas.height = Math.max(1, Math.round(height * ratio));
      });
    },
    draw(view, width) {
      for (const strip of strips) drawStrip(strip, view, inks, ratio, thicknessOf(strip.store, view, width));
    },
  };
}
