import type { JSX } from 'preact';
import type { ProbeSeries } from '../../../model/observation.ts';
import type { ReportedInterval, ReportedProbe } from '../../report-document.ts';
import { formatFigure, formatMoment, formatNumber, formatRatio, plural, shorten } from '../../wording.ts';
import { FigureText, NumberText } from '../elements.tsx';
import { latencyEnvelope } from './latency-envelope.ts';
import { Row } from './row.tsx';
import type { TimelineScale } from './timeline-scale.ts';

const HEIGHT = 50;
const BAR_TOP = 4;
const BAR = 14;
const UP = 4;
const STRIP_TOP = 25;
const STRIP = 22;

/** More bars than a screen has room for say nothing more, over all lanes; the longest ones are kept. */
const MOST_INTERVALS = 4000;

export const between = (fromMs: number, toMs: number): string =>
  `${formatMoment(fromMs)} to ${formatMoment(toMs)}`;

function sayInterval({ state, phase, startMs, endMs, samples, impaired }: ReportedInterval): string {
  return `${state}${phase === undefined ? '' : ` (${phase})`}, ${between(startMs[1], endMs[0])}, ${plural(samples, 'sample')}${impaired ? ', the prober was impaired' : ''}`;
}

function IntervalBars({
  interval,
  scale,
}: {
  interval: ReportedInterval;
  scale: TimelineScale;
}): JSX.Element {
  const [startEarly, startLate] = interval.startMs;
  const [endEarly, endLate] = interval.endMs;
  const up = interval.state === 'up';
  const body = scale.stretch(startLate, Math.max(startLate, endEarly));
  return (
    <g>
      {up ? null : <title>{sayInterval(interval)}</title>}
      <rect
        class={interval.state}
        y={up ? BAR_TOP + (BAR - UP) / 2 : BAR_TOP}
        height={up ? UP : BAR}
        {...body}
      />
      {interval.state === 'down' ? (
        <>
          <rect class="unsure" y={BAR_TOP} height={BAR} {...scale.stretch(startEarly, startLate)} />
          <rect class="unsure" y={BAR_TOP} height={BAR} {...scale.stretch(endEarly, endLate)} />
        </>
      ) : null}
      {interval.impaired ? <rect class="impaired" y={BAR_TOP + BAR + 2} height="3" {...body} /> : null}
    </g>
  );
}

function longestFirst(intervals: readonly ReportedInterval[], most: number): readonly ReportedInterval[] {
  if (intervals.length <= most) return intervals;
  const length = ({ startMs, endMs }: ReportedInterval): number => endMs[1] - startMs[0];
  return [...intervals].sort((a, b) => length(b) - length(a)).slice(0, most);
}

function sayLane({ probe, outages, totalOutage, unseenRatio }: ReportedProbe): string {
  const down =
    outages === 0 ? 'never down' : `down ${formatFigure(totalOutage)} in ${plural(outages, 'outage')}`;
  return `${shorten(probe, 60)}: ${down}${unseenRatio > 0 ? `, ${formatRatio(unseenRatio)} unseen` : ''}`;
}

function LaneName({ probe }: { probe: ReportedProbe }): JSX.Element {
  const every = probe.everyMs === undefined ? '' : `, every ${formatNumber(probe.everyMs, 'ms')}`;
  return (
    <>
      <strong title={shorten(probe.probe, 400)}>{shorten(probe.probe, 30)}</strong>
      <span class="quiet">
        {shorten(probe.endpoint, 24)}
        {every}
      </span>
    </>
  );
}

function LaneValue({ probe, at }: { probe: ReportedProbe; at: string }): JSX.Element {
  if (probe.outages === 0 && probe.unseenRatio === 0) return <span class="quiet">never down</span>;
  return (
    <>
      {probe.outages === 0 ? (
        <span class="quiet">never down</span>
      ) : (
        <span class="hurt">
          <FigureText figure={probe.totalOutage} at={`${at}/totalOutage`} /> down
        </span>
      )}
      {probe.unseenRatio > 0 ? (
        <span class="quiet">
          <NumberText value={probe.unseenRatio} unit="ratio" at={`${at}/unseenRatio`} /> unseen
        </span>
      ) : null}
    </>
  );
}

function Envelope({ path: { path, box } }: { path: ReturnType<typeof latencyEnvelope> }): JSX.Element {
  return (
    <svg class="envelope" y={STRIP_TOP} height={STRIP} width="100%" viewBox={box} preserveAspectRatio="none">
      <path d={path} />
    </svg>
  );
}

interface LaneProps {
  readonly probe: ReportedProbe;
  readonly index: number;
  readonly lanes: number;
  readonly scale: TimelineScale;
  readonly series: ProbeSeries | undefined;
  readonly zeroNs: number;
}

/** One probe over time: up as a line, down as a bar, what is not sure hatched, and how fast it was answered below. */
export function Lane({ probe, index, lanes, scale, series, zeroNs }: LaneProps): JSX.Element {
  const most = Math.max(20, Math.floor(MOST_INTERVALS / lanes));
  return (
    <Row
      kind="lane"
      name={<LaneName probe={probe} />}
      height={HEIGHT}
      says={sayLane(probe)}
      value={<LaneValue probe={probe} at={`/probes/${index}`} />}
      probe={String(index)}
    >
      {longestFirst(probe.intervals, most).map((interval) => (
        <IntervalBars interval={interval} scale={scale} />
      ))}
      {series === undefined ? null : <Envelope path={latencyEnvelope(series, scale, zeroNs)} />}
    </Row>
  );
}
