import type { JSX } from 'preact';
import type { Figure } from '../../model/verdict.ts';
import { formatFigure, formatNumber } from '../wording.ts';

const HEIGHT = 18;
const MIDDLE = HEIGHT / 2;

/** The stretch of values that all charts of one column share, so that rows can be compared. */
export interface Domain {
  readonly from: number;
  readonly to: number;
}

interface IntervalChartProps {
  readonly label: string;
  readonly domain: Domain;
  readonly measured?: Figure | undefined;
  readonly predicted?: Figure | undefined;
  /** True for time that users lost. */
  readonly hurts?: boolean;
}

/** A wide prediction would press everything measured into a corner: it is drawn open to the right beyond so many times of that. */
const MOST_ROOM = 3;

/** From zero to the end of what was measured and predicted in a column. */
export function columnDomain(
  rows: readonly { readonly measured?: Figure | undefined; readonly predicted?: Figure | undefined }[],
): Domain {
  const measured = Math.max(0, ...rows.map((row) => row.measured?.max ?? 0));
  const predicted = Math.max(0, ...rows.map((row) => row.predicted?.max ?? 0));
  const room = measured > 0 ? Math.min(predicted, measured * MOST_ROOM) : predicted;
  return { from: 0, to: Math.max(measured * 1.05, room, 1) };
}

function say({ label, measured, predicted }: IntervalChartProps): string {
  return `${label}: measured ${measured === undefined ? 'nothing' : formatFigure(measured)}${predicted === undefined ? '' : `, predicted ${formatFigure(predicted)}`}`;
}

/** Predicted as a band, measured as an interval with both its ends, on one scale. */
export function IntervalChart(props: IntervalChartProps): JSX.Element {
  const { domain, measured, predicted, hurts = false } = props;
  const percent = (value: number): number =>
    (100 * (Math.min(Math.max(value, domain.from), domain.to) - domain.from)) / (domain.to - domain.from);
  const at = (value: number): string => `${Number(percent(value).toFixed(3))}%`;
  const stretch = ({ min, max }: Figure): { x: string; width: string } => ({
    x: at(min),
    width: `${Number((percent(max) - percent(min)).toFixed(3))}%`,
  });
  return (
    <svg class="interval-chart" width="100%" height={HEIGHT} role="img" aria-label={say(props)}>
      <rect class="chart-line" y={MIDDLE - 0.5} width="100%" height="1" />
      {predicted === undefined ? null : (
        <rect
          class={predicted.max > domain.to ? 'predicted open' : 'predicted'}
          y="1"
          height={HEIGHT - 2}
          {...stretch(predicted)}
        />
      )}
      {measured === undefined ? null : (
        <g class={hurts && measured.max > 0 ? 'measured hurts' : 'measured'}>
          <rect y={MIDDLE - 2} height="4" {...stretch(measured)} />
          {[measured.min, measured.max].map((edge) => (
            <svg x={at(edge)} overflow="visible">
              <rect x="-1" y={MIDDLE - 6} width="2" height="12" />
            </svg>
          ))}
        </g>
      )}
    </svg>
  );
}

/** The ends of a column's scale, written once under it. */
export function DomainText({ domain, unit }: { domain: Domain; unit: Figure['unit'] }): JSX.Element {
  return (
    <span class="domain" aria-hidden="true">
      <span>{formatNumber(domain.from, unit)}</span>
      <span>{formatNumber(domain.to, unit)}</span>
    </span>
  );
}
