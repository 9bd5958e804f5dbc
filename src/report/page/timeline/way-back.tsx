import type { JSX } from 'preact';
import type { ReportedRecovery } from '../../report-document.ts';
import { shorten } from '../../wording.ts';
import { between } from './lane.tsx';
import { Row } from './row.tsx';
import type { TimelineScale } from './timeline-scale.ts';

const PHASE = 18;
const MOST_ROWS = 4;

/** A name is written into its phase where that is at least so many percent of the width for each letter. */
const LETTER_PERCENT = 0.95;

interface PlacedRecovery {
  readonly recovery: ReportedRecovery;
  readonly row: number;
}

/** Ways back that overlap, as those of parallel faults do, lie on rows of their own. */
function placeInRows(recoveries: readonly ReportedRecovery[]): readonly PlacedRecovery[] {
  const ends: number[] = [];
  return recoveries.flatMap((recovery) => {
    const [first] = recovery.phases;
    const last = recovery.phases.at(-1);
    if (first === undefined || last === undefined) return [];
    const free = ends.findIndex((end) => end <= first.startMs[1]);
    const row = free === -1 ? Math.min(ends.length, MOST_ROWS - 1) : free;
    ends[row] = last.endMs[1];
    return [{ recovery, row }];
  });
}

function Phases({ recovery, row, scale }: PlacedRecovery & { scale: TimelineScale }): JSX.Element {
  const y = row * (PHASE + 3) + 2;
  return (
    <>
      {recovery.phases.map(({ name, startMs, endMs, source }, index) => {
        const end = Math.max(startMs[1], endMs[0]);
        const room = scale.percent(end) - scale.percent(startMs[1]);
        return (
          <g>
            <title>{`${shorten(recovery.step, 60)}: ${name}, ${between(startMs[0], endMs[1])}, ${shorten(source, 200)}`}</title>
            <rect
              class={`phase ${index % 2 === 0 ? '' : 'odd'}`}
              y={y}
              height={PHASE}
              {...scale.stretch(startMs[1], end)}
            />
            <rect class="phase-unsure" y={y} height={PHASE} {...scale.stretch(end, endMs[1])} />
            <text
              class={`phase-name${room < name.length * LETTER_PERCENT ? ' hidden' : ''}`}
              y={y + PHASE / 2}
              dx="5"
              dy="0.33em"
              {...scale.place(startMs[1])}
              data-until={end}
            >
              {name}
            </text>
          </g>
        );
      })}
    </>
  );
}

/** The phases in which the system came back from each fault. */
export function WayBack({
  recoveries,
  scale,
}: {
  recoveries: readonly ReportedRecovery[];
  scale: TimelineScale;
}): JSX.Element | null {
  const placed = placeInRows(recoveries);
  if (placed.length === 0) return null;
  const rows = Math.max(...placed.map(({ row }) => row)) + 1;
  return (
    <Row
      kind="way-back"
      name={
        <>
          <strong>Way back</strong>
          <span class="quiet">phases of recovery</span>
        </>
      }
      height={rows * (PHASE + 3) + 3}
    >
      {placed.map((one) => (
        <Phases {...one} scale={scale} />
      ))}
    </Row>
  );
}
