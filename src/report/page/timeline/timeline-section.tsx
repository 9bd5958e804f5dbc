import type { JSX } from 'preact';
import type { ProbeSeries } from '../../../model/observation.ts';
import { isControl } from '../../../model/plan.ts';
import type { ReportDocument, ReportedFault, ReportedProbe } from '../../report-document.ts';
import { formatNumber, plural, shorten } from '../../wording.ts';
import { Moment, Name } from '../elements.tsx';
import type { PageContent, PageSection } from '../page-content.ts';
import { FaultBadges, FaultBands } from './fault-bands.tsx';
import { between, Lane } from './lane.tsx';
import { Legend } from './legend.tsx';
import { writeMark } from './round-marks.ts';
import { Row } from './row.tsx';
import { timelineScale, type TimelineScale } from './timeline-scale.ts';
import { sayEvent, WatchedRows } from './watched-rows.tsx';
import { WayBack } from './way-back.tsx';

const MOST_EVENTS = 200;

function Axis({ scale }: { scale: TimelineScale }): JSX.Element {
  return (
    <Row kind="axis" name="" height={18}>
      <g class="marks">
        {scale.marks.map((mark, index) => {
          const percent = scale.percent(mark);
          const anchor = percent < 3 ? 'start' : percent > 97 ? 'end' : 'middle';
          return (
            <text
              class={index % 2 === 0 ? '' : 'odd-mark'}
              text-anchor={anchor}
              y="13"
              {...scale.place(mark)}
            >
              {writeMark(mark)}
            </text>
          );
        })}
      </g>
    </Row>
  );
}

/** The page's script shows it; without one there is nothing to operate. */
function Controls(): JSX.Element {
  return (
    <div class="controls" hidden>
      <button type="button" data-act="in" aria-label="Zoom in">
        +
      </button>
      <button type="button" data-act="out" aria-label="Zoom out">
        −
      </button>
      <button type="button" data-act="all">
        Whole run
      </button>
      <output class="shown" aria-live="polite" />
      <span class="hint quiet">
        Drag over the drawing to zoom into a stretch; arrow keys move, + and − zoom, 0 shows all.
      </span>
    </div>
  );
}

/** From the command sent to the heal seen, for the page's script. */
function faultStretch(
  { injectedMs, healedMs, lasts }: ReportedFault,
  index: number,
  scale: TimelineScale,
): Readonly<Record<string, number>> {
  if (injectedMs === undefined) return {};
  const until = healedMs?.[1] ?? (lasts ? scale.toMs : injectedMs[1]);
  return { 'data-fault': index + 1, 'data-from': injectedMs[0], 'data-to': until };
}

function FaultKey({
  faults,
  scale,
}: {
  faults: readonly ReportedFault[];
  scale: TimelineScale;
}): JSX.Element | null {
  if (faults.length === 0) return null;
  return (
    <ol class="fault-key" aria-label="Faults on the timeline">
      {faults.map((fault, index) => (
        <li {...faultStretch(fault, index, scale)}>
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

function Events({ events }: ReportDocument): JSX.Element | null {
  if (events.length === 0) return null;
  return (
    <details>
      <summary>{plural(events.length, 'change')} that the watchers saw</summary>
      <ol class="events">
        {events.slice(0, MOST_EVENTS).map((event) => (
          <li>{sayEvent(event)}</li>
        ))}
      </ol>
      {events.length > MOST_EVENTS ? (
        <p class="quiet">{events.length - MOST_EVENTS} more are in report.json.</p>
      ) : null}
    </details>
  );
}

function summary({ faults, probes, glance }: ReportDocument, scale: TimelineScale): string {
  const worst = glance.longestOutage;
  return `${plural(faults.length, 'fault')} over ${plural(probes.length, 'probe')}, from ${between(scale.fromMs, scale.toMs)}. ${worst ? `The longest outage was ${formatNumber(worst.figure.max, 'ms')} at most. ` : ''}The same is in the tables below.`;
}

/** Between five nodes there are twenty ways: those that were never down, and what is no user of the system, would hide the rest. */
const hasLane = ({ part, outages, unseenRatio }: ReportedProbe): boolean =>
  part === undefined || part.by !== undefined || (!isControl(part) && (outages > 0 || unseenRatio > 0));

function QuietWays({ probes }: Pick<ReportDocument, 'probes'>): JSX.Element | null {
  const quiet = probes.filter((probe) => !hasLane(probe) && !isControl(probe.part));
  if (quiet.length === 0) return null;
  const away = quiet.filter(({ awayRatio = 0 }) => awayRatio > 0).length;
  const saysAway =
    away === 0
      ? ''
      : ` A node of ${away} of them had been hurt; while its pod was away they count as nothing.`;
  return (
    <p class="quiet">
      {plural(quiet.length, 'way')} between nodes {quiet.length === 1 ? 'was' : 'were'} never down, and{' '}
      {quiet.length === 1 ? 'has' : 'have'} no lane.{saysAway} The figures of each are in the table of probes.
    </p>
  );
}

function Timeline({ document, series, zeroNs, scale }: PageContent & { scale: TimelineScale }): JSX.Element {
  const { probes, faults, events, recoveries } = document;
  const seriesOf = (name: string): ProbeSeries | undefined => series.find(({ probe }) => probe.name === name);
  return (
    <figure class="timeline" aria-labelledby="timeline-says">
      <p id="timeline-says" class="unseen-text">
        {summary(document, scale)}
      </p>
      <Controls />
      <div class="board" data-from={scale.fromMs} data-to={scale.toMs}>
        <div class="behind">
          <FaultBands faults={faults} scale={scale} />
        </div>
        {faults.length > 0 ? <FaultBadges faults={faults} scale={scale} /> : null}
        {probes.map((probe, index) =>
          hasLane(probe) ? (
            <Lane
              probe={probe}
              index={index}
              lanes={probes.filter(hasLane).length}
              scale={scale}
              series={seriesOf(probe.probe)}
              zeroNs={zeroNs}
            />
          ) : null,
        )}
        <WayBack recoveries={recoveries} scale={scale} />
        <WatchedRows events={events} scale={scale} />
        <Axis scale={scale} />
      </div>
      <Legend />
      <QuietWays probes={probes} />
    </figure>
  );
}

/** Faults as bands over a lane for each probe, with the way back and what the watchers saw below. */
export const timelineSection: PageSection = {
  id: 'timeline',
  title: 'Timeline',
  wide: true,
  lead: () =>
    'Seconds since the start of the run. Hatching marks where an edge may lie; point at anything for its times.',
  render(content) {
    const { document } = content;
    const scale = timelineScale(document);
    if (scale === undefined) return null;
    return (
      <>
        <Timeline {...content} scale={scale} />
        <FaultKey faults={document.faults} scale={scale} />
        <Events {...document} />
      </>
    );
  },
};
