import type { JSX } from 'preact';
import type {
  ReportDocument,
  ReportedEvent,
  ReportedFault,
  ReportedInterval,
  ReportedProbe,
} from '../report-document.ts';
import { formatFigure, formatMoment, formatNumber, formatRatio, plural, shorten } from '../wording.ts';
import { Moment, Name, Section } from './elements.tsx';
import { timelineScale, type TimelineScale } from './timeline-scale.ts';

const BADGES = 46;
const LANE = 44;
const BAR_TOP = 22;
const BAR = 14;
const TICKS = 44;
const AXIS = 22;

/** More bars than a screen has room for say nothing more; the longest ones are kept. */
const MOST_INTERVALS = 1000;
const MOST_TICKS = 2000;

const between = (fromMs: number, toMs: number): string => `${formatMoment(fromMs)} to ${formatMoment(toMs)}`;

/** Patterns that stand for what is not sure, not seen or impaired: shapes, so that colour is not the only carrier. */
export function Patterns(): JSX.Element {
  return (
    <svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false">
      <defs>
        <pattern id="unsure" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2" height="5" class="ink-down" />
        </pattern>
        <pattern
          id="unsure-soft"
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="2" height="5" class="ink-soft" />
        </pattern>
        <pattern
          id="unsure-fault"
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="1.5" height="5" class="ink-fault" />
        </pattern>
        <pattern id="unseen" width="6" height="6" patternUnits="userSpaceOnUse">
          <circle cx="3" cy="3" r="1" class="ink-unseen" />
        </pattern>
        <pattern id="impaired" width="6" height="3" patternUnits="userSpaceOnUse">
          <rect width="3" height="3" class="ink-unseen" />
        </pattern>
      </defs>
    </svg>
  );
}

function FaultBand({
  fault,
  scale,
  height,
}: {
  fault: ReportedFault;
  scale: TimelineScale;
  height: number;
}): JSX.Element | null {
  if (fault.injectedMs === undefined) return null;
  const [sent, seen] = fault.injectedMs;
  const [healSent, healSeen] = fault.healedMs ?? [
    fault.lasts ? scale.toMs : seen,
    fault.lasts ? scale.toMs : seen,
  ];
  const top = BADGES - 8;
  return (
    <g>
      <title>
        {`${shorten(fault.step, 60)}: ${fault.fault} on ${shorten(fault.targets.join(', '), 100)}, ${between(sent, healSeen)}`}
      </title>
      <rect class="band" y={top} height={height - top} {...scale.stretch(seen, Math.max(seen, healSent))} />
      <rect fill="url(#unsure-fault)" y={top} height={height - top} {...scale.stretch(sent, seen)} />
      <rect fill="url(#unsure-fault)" y={top} height={height - top} {...scale.stretch(healSent, healSeen)} />
      <line
        class="band-edge"
        x1={`${scale.percent(sent)}%`}
        x2={`${scale.percent(sent)}%`}
        y1={top}
        y2={height}
      />
    </g>
  );
}

/** Badges of neighbouring faults sit on two heights, so that they stay readable when faults follow each other closely. */
function FaultBadge({
  fault,
  index,
  scale,
}: {
  fault: ReportedFault;
  index: number;
  scale: TimelineScale;
}): JSX.Element | null {
  if (fault.injectedMs === undefined) return null;
  const x = `${scale.percent(fault.injectedMs[0])}%`;
  const y = index % 2 === 0 ? 11 : 27;
  return (
    <g>
      <line class="band-edge" x1={x} x2={x} y1={y} y2={BADGES - 8} />
      <circle class="badge" cx={x} cy={y} r="9.5" />
      <text class="badge-number" x={x} y={y} dy="0.35em">
        {index + 1}
      </text>
    </g>
  );
}

function IntervalBars({
  interval,
  scale,
  y,
}: {
  interval: ReportedInterval;
  scale: TimelineScale;
  y: number;
}): JSX.Element {
  const [startEarly, startLate] = interval.startMs;
  const [endEarly, endLate] = interval.endMs;
  const says = `${interval.state}${interval.phase === undefined ? '' : ` (${interval.phase})`}, ${between(startLate, endEarly)}, ${plural(interval.samples, 'sample')}${interval.impaired ? ', the prober was impaired' : ''}`;
  const up = interval.state === 'up';
  const body = scale.stretch(startLate, Math.max(startLate, endEarly));
  return (
    <g>
      <title>{says}</title>
      <rect class={interval.state} y={up ? y + 5 : y} height={up ? 4 : BAR} {...body} />
      {interval.state === 'down' ? (
        <>
          <rect class="unsure" y={y} height={BAR} {...scale.stretch(startEarly, startLate)} />
          <rect class="unsure" y={y} height={BAR} {...scale.stretch(endEarly, endLate)} />
        </>
      ) : null}
      {interval.impaired ? <rect class="impaired" y={y + BAR + 2} height="3" {...body} /> : null}
    </g>
  );
}

/** The share that was unseen is left out where there is no room for it; the table of probes has it. */
function LaneFigure({ probe }: { probe: ReportedProbe }): JSX.Element {
  return (
    <>
      {probe.outages === 0 ? 'never down' : `${formatFigure(probe.totalOutage)} down`}
      {probe.unseenRatio > 0 ? (
        <tspan class="roomy">{`, ${formatRatio(probe.unseenRatio)} unseen`}</tspan>
      ) : null}
    </>
  );
}

function longestFirst(intervals: readonly ReportedInterval[]): readonly ReportedInterval[] {
  if (intervals.length <= MOST_INTERVALS) return intervals;
  const length = ({ startMs, endMs }: ReportedInterval): number => endMs[1] - startMs[0];
  return [...intervals].sort((a, b) => length(b) - length(a)).slice(0, MOST_INTERVALS);
}

function Lane({ probe, scale, y }: { probe: ReportedProbe; scale: TimelineScale; y: number }): JSX.Element {
  return (
    <g>
      <text class="lane-name" x="0" y={y + 15}>
        {shorten(probe.probe, 24)}
      </text>
      <text class={`lane-figure ${probe.outages > 0 ? 'hurt' : ''}`} x="100%" y={y + 15}>
        <LaneFigure probe={probe} />
      </text>
      {longestFirst(probe.intervals).map((interval) => (
        <IntervalBars interval={interval} scale={scale} y={y + BAR_TOP} />
      ))}
    </g>
  );
}

function sayEvent({ watcher, change, about, was, is, atMs }: ReportedEvent): string {
  const turn =
    was !== undefined && is !== undefined
      ? `, ${shorten(was, 40)} to ${shorten(is, 40)}`
      : is === undefined
        ? ''
        : `, ${shorten(is, 40)}`;
  return `${between(...atMs)}: ${shorten(change, 40)} ${shorten(about, 60)}${turn} (${shorten(watcher, 40)})`;
}

function Ticks({
  events,
  scale,
  y,
}: {
  events: readonly ReportedEvent[];
  scale: TimelineScale;
  y: number;
}): JSX.Element {
  return (
    <g>
      <text class="lane-name" x="0" y={y + 15}>
        changes seen
      </text>
      <text class="lane-figure" x="100%" y={y + 15}>
        {plural(events.length, 'event')}
      </text>
      {events.slice(0, MOST_TICKS).map((event) => {
        const x = `${scale.percent(event.atMs[1])}%`;
        return (
          <g>
            <title>{sayEvent(event)}</title>
            <rect class="tick-range" y={y + BAR_TOP + 5} height="3" {...scale.stretch(...event.atMs)} />
            <line class="tick" x1={x} x2={x} y1={y + BAR_TOP} y2={y + BAR_TOP + BAR} />
          </g>
        );
      })}
    </g>
  );
}

function Axis({ scale, y }: { scale: TimelineScale; y: number }): JSX.Element {
  return (
    <g>
      <line class="axis" x1="0" x2="100%" y1={y} y2={y} />
      {scale.marks.map((mark, index) => {
        const percent = scale.percent(mark);
        const anchor = percent < 3 ? 'start' : percent > 96 ? 'end' : 'middle';
        return (
          <g class={index % 2 === 0 ? '' : 'odd-mark'}>
            <line class="grid" x1={`${percent}%`} x2={`${percent}%`} y1={BADGES} y2={y + 4} />
            <text class="mark-text" text-anchor={anchor} x={`${percent}%`} y={y + 18}>
              {`${Number((mark / 1000).toFixed(1))} s`}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function Legend(): JSX.Element {
  const key = (says: string, bar: JSX.Element): JSX.Element => (
    <li>
      <svg width="26" height="16" aria-hidden="true" focusable="false">
        {bar}
      </svg>
      {says}
    </li>
  );
  return (
    <ul class="legend" aria-label="Legend">
      {key('up', <rect class="up" y="6" width="26" height="4" />)}
      {key('down', <rect class="down" y="1" width="26" height="14" />)}
      {key('somewhere in here it changed', <rect class="unsure" y="1" width="26" height="14" />)}
      {key('unseen', <rect class="unseen" x="1" y="1" width="24" height="14" />)}
      {key('prober impaired', <rect class="impaired" y="7" width="26" height="3" />)}
      {key('fault held', <rect class="band" width="26" height="16" />)}
    </ul>
  );
}

function FaultKey({ faults }: { faults: readonly ReportedFault[] }): JSX.Element | null {
  if (faults.length === 0) return null;
  return (
    <ol class="fault-key" aria-label="Faults on the timeline">
      {faults.map((fault, index) => (
        <li>
          <span class="number" aria-hidden="true">
            {index + 1}
          </span>
          <span>
            <strong>{shorten(fault.fault, 60)}</strong> on{' '}
            <Name length={80}>{fault.targets.join(', ') || 'nothing'}</Name>{' '}
            <span class="quiet">
              {fault.injectedMs === undefined ? (
                'not injected'
              ) : (
                <>
                  at <Moment ms={fault.injectedMs[0]} />
                  {fault.healedMs === undefined || !fault.lasts ? null : (
                    <>
                      , held until <Moment ms={fault.healedMs[0]} />
                    </>
                  )}
                </>
              )}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Faults as bands over a lane for each probe, with what the watchers saw as ticks. Widths are in percent, so it fits any screen. */
export function TimelineSection({ document }: { document: ReportDocument }): JSX.Element | null {
  const scale = timelineScale(document);
  if (scale === undefined) return null;
  const { probes, faults, events } = document;
  const ticksTop = BADGES + probes.length * LANE;
  const axisTop = ticksTop + (events.length > 0 ? TICKS : 0) + 4;
  const worst = document.glance.longestOutage;
  return (
    <Section
      id="timeline"
      title="Timeline"
      wide
      lead="Seconds since the start of the run. Hatching marks where an edge may lie; point at anything for its times."
    >
      <figure>
        <svg class="timeline" width="100%" height={axisTop + AXIS} role="img" aria-labelledby="timeline-says">
          <title id="timeline-says">
            {`${plural(faults.length, 'fault')} over ${plural(probes.length, 'probe')}, from ${between(scale.fromMs, scale.toMs)}. ${worst ? `The longest outage was ${formatNumber(worst.figure.max, 'ms')} at most. ` : ''}The same is in the tables below.`}
          </title>
          {faults.map((fault) => (
            <FaultBand fault={fault} scale={scale} height={axisTop} />
          ))}
          <Axis scale={scale} y={axisTop} />
          {probes.map((probe, index) => (
            <Lane probe={probe} scale={scale} y={BADGES + index * LANE} />
          ))}
          {events.length > 0 ? <Ticks events={events} scale={scale} y={ticksTop} /> : null}
          {faults.map((fault, index) => (
            <FaultBadge fault={fault} index={index} scale={scale} />
          ))}
        </svg>
        <Legend />
      </figure>
      <FaultKey faults={faults} />
      {events.length > 0 ? (
        <details>
          <summary>{plural(events.length, 'change')} that the watchers saw</summary>
          <ol class="events">
            {events.slice(0, 200).map((event) => (
              <li>{sayEvent(event)}</li>
            ))}
          </ol>
          {events.length > 200 ? <p class="quiet">{events.length - 200} more are in report.json.</p> : null}
        </details>
      ) : null}
    </Section>
  );
}
