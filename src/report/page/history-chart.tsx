import type { JSX } from 'preact';
import type { HistoryValue, MeasureHistory } from '../../model/history.ts';
import { formatValue } from '../report-history.ts';
import { formatNumber, shorten } from '../wording.ts';

const HEIGHT = 44;
/** Between the edge and what is drawn, so that a mark at the edge shows. */
const EDGE = 4;
/** A run with nothing between its edges is drawn as high as this, or it could not be seen. */
const LEAST = 3;
/** So wide is the place of one run. */
const PLACE = 12;

/** From zero, so that a difference looks as large as it is. */
function scaleOf(values: readonly HistoryValue[]): (value: number) => number {
  const highest = Math.max(...values.map(({ min, max }) => max ?? min), 0);
  return (value) => HEIGHT - EDGE - (highest <= 0 ? 0 : value / highest) * (HEIGHT - 2 * EDGE);
}

const upright = (top: number, bottom: number): { readonly y: number; readonly height: number } => ({
  y: Number(top.toFixed(2)),
  height: Number(Math.max(0, bottom - top).toFixed(2)),
});

interface BarProps {
  readonly value: HistoryValue;
  readonly x: number;
  readonly y: (value: number) => number;
  readonly label: string;
  readonly kind: string;
}

/** A run as the range in which its value lies; open to the top where it was not over. */
function Bar({ value, x, y, label, kind }: BarProps): JSX.Element {
  const bottom = y(value.min);
  const top = value.max === undefined ? 0 : y(value.max);
  const height = Math.max(LEAST, bottom - top);
  const start = bottom - height + (height === LEAST ? LEAST / 2 : 0);
  return (
    <g class={value.max === undefined ? `${kind} open` : kind}>
      <title>{label}</title>
      <rect class="stem" x={x + 2} width={PLACE - 4} {...upright(start, y(0))} />
      <rect x={x + 2} width={PLACE - 4} {...upright(start, start + height)} />
    </g>
  );
}

/** The last runs as ranges from left to right, this one last and in colour, with the range of the earlier ones behind it. */
export function HistoryChart({
  measure: { title, now, earlier, spread, change },
}: {
  measure: MeasureHistory;
}): JSX.Element {
  const y = scaleOf([...earlier, now]);
  const width = (earlier.length + 1) * PLACE;
  const said =
    spread === undefined
      ? 'no earlier run'
      : `earlier ${formatNumber(spread.lowest, now.unit)} to ${formatNumber(spread.highest, now.unit)}`;
  return (
    <svg
      class="history-chart"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={`${shorten(title)}: now ${formatValue(now)}, ${said}`}
    >
      {spread === undefined ? null : (
        <rect
          class="history-range"
          width={width}
          y={Number(y(spread.highest).toFixed(2))}
          height={Number(Math.max(1, y(spread.lowest) - y(spread.highest)).toFixed(2))}
        />
      )}
      <rect class="chart-line" y={HEIGHT - EDGE + 1} width={width} height="1" />
      {earlier.map((value, index) => (
        <Bar
          value={value}
          x={index * PLACE}
          y={y}
          kind="history-earlier"
          label={`${shorten(value.run)}: ${formatValue(value)}`}
        />
      ))}
      <Bar
        value={now}
        x={earlier.length * PLACE}
        y={y}
        kind={change === 'more' ? 'history-now more' : 'history-now'}
        label={`this run: ${formatValue(now)}`}
      />
    </svg>
  );
}
