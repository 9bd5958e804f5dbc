import type { Measure, MeasureUnit, RunSummary } from '../model/comparison.ts';
import type { Truth } from '../model/verdict.ts';
import { cleanText } from './clean-input.ts';
import { formatNumber, TRUTH_WORDS } from './wording.ts';

/** One run in a chart. */
export interface HistoryPoint {
  readonly run: string;
  readonly startedWall: string;
  readonly truth: Truth;
  readonly min: number;
  /** Absent where it was not over when the run ended, or not seen. */
  readonly max?: number;
}

/** The last runs of one plan and subject, by one measure. All texts are clean; only the SVG is escaped as well. */
export interface HistoryChart {
  readonly measure: string;
  readonly title: string;
  readonly unit: MeasureUnit;
  readonly points: readonly HistoryPoint[];
  /** Of all runs: the lowest, the middle one and the highest that was measured. */
  readonly spread: { readonly lowest: number; readonly median: number; readonly highest: number };
  /** A whole `<svg>` element with a title, to stand in a page: no script, no style, colours of the text around it. */
  readonly svg: string;
  /** One character for each run, for terminals and Markdown; `×` was not over when the run ended. */
  readonly text: string;
  /** The spread in words, such as `820 ms (640 ms to 1.1 s, 12 runs)`. */
  readonly says: string;
}

const BARS = '▁▂▃▄▅▆▇█';
const WIDTH = 160;
const HEIGHT = 36;
/** Between the edge and what is drawn, so that a line at the edge shows. */
const EDGE = 3;

/**
 * Small charts of the last runs, one for each measure of the newest of them. Pure.
 * @param runs of one plan and subject, oldest first.
 * @param most so many runs are shown, the newest. Default 20.
 */
export function historyCharts(runs: readonly RunSummary[], most = 20): readonly HistoryChart[] {
  const shown = runs.slice(-most);
  return (shown.at(-1)?.measures ?? []).map((measure) => chartOf(measure, shown));
}

function chartOf({ id, title, unit }: Measure, runs: readonly RunSummary[]): HistoryChart {
  const points = runs.flatMap(({ id: run, startedWall, truth, measures }): HistoryPoint[] => {
    const found = measures.find((one) => one.id === id);
    if (found === undefined) return [];
    const { min, max } = found;
    return [
      {
        run: cleanText(run),
        startedWall: cleanText(startedWall),
        truth,
        min,
        ...(max === undefined ? {} : { max }),
      },
    ];
  });
  const middles = points.map(middleOf).sort((a, b) => a - b);
  const spread = {
    lowest: Math.min(...points.map(({ min }) => min)),
    median: middles[Math.max(0, Math.ceil(middles.length / 2) - 1)] ?? 0,
    highest: Math.max(...points.map(({ min, max }) => max ?? min)),
  };
  const show = (value: number): string => formatNumber(value, unit);
  const clean = cleanText(title);
  const says = `${show(spread.median)} (${show(spread.lowest)} to ${show(spread.highest)}, ${points.length} runs)`;
  return {
    measure: cleanText(id),
    title: clean,
    unit,
    points,
    spread,
    svg: svgOf(points, spread, `${clean}: ${says}`, show),
    text: textOf(points, spread.highest),
    says,
  };
}

const middleOf = ({ min, max }: HistoryPoint): number => (min + (max ?? min)) / 2;

/** From zero, so that a difference looks as large as it is. */
const textOf = (points: readonly HistoryPoint[], highest: number): string =>
  points
    .map((point) => {
      if (point.max === undefined) return '×';
      const step = highest <= 0 ? 0 : Math.round((middleOf(point) / highest) * (BARS.length - 1));
      return BARS[step] ?? BARS[0];
    })
    .join('');

/** Each run as the range in which its value lies, the median of all as a line. */
function svgOf(
  points: readonly HistoryPoint[],
  { median, highest }: HistoryChart['spread'],
  title: string,
  show: (value: number) => string,
): string {
  const y = (value: number): string =>
    (HEIGHT - EDGE - (highest <= 0 ? 0 : value / highest) * (HEIGHT - 2 * EDGE)).toFixed(1);
  const gap = WIDTH / Math.max(1, points.length);
  const marks = points.map((point, index) => {
    const x = ((index + 0.5) * gap).toFixed(1);
    const label = `${point.run} (${TRUTH_WORDS[point.truth]}): ${show(point.min)}${point.max === undefined ? ' or more' : ` to ${show(point.max)}`}`;
    const dashes = point.max === undefined ? ' stroke-dasharray="2 2"' : '';
    const [top, bottom] = [y(point.max ?? highest), y(point.min)];
    return (
      `<g><title>${escape(label)}</title>` +
      `<line x1="${x}" x2="${x}" y1="${bottom}" y2="${top}" stroke="currentColor" stroke-width="2"${dashes}/>` +
      `<circle cx="${x}" cy="${y(middleOf(point))}" r="${index === points.length - 1 ? 3 : 2}" fill="currentColor"/></g>`
    );
  });
  const line = `<line x1="0" x2="${WIDTH}" y1="${y(median)}" y2="${y(median)}" stroke="currentColor" stroke-width="0.5" opacity="0.6"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"><title>${escape(title)}</title>${line}${marks.join('')}</svg>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
