import type { JSX } from 'preact';
import type { ReportedFault } from '../../report-document.ts';
import { shorten } from '../../wording.ts';
import { badgeRows } from './badge-rows.ts';
import { between } from './lane.tsx';
import { Moving, Row } from './row.tsx';
import type { TimelineScale } from './timeline-scale.ts';

const BADGE = 19;

/** Badges nearer than this, in percent of the width, would cover each other on a wide screen, and on a narrow one. */
const NEAR = { wide: 2.6, narrow: 7 };
const BADGE_ROWS = 3;

function FaultBand({ fault, scale }: { fault: ReportedFault; scale: TimelineScale }): JSX.Element | null {
  if (fault.injectedMs === undefined) return null;
  const [sent, seen] = fault.injectedMs;
  const open = fault.lasts ? scale.toMs : seen;
  const [healSent, healSeen] = fault.healedMs ?? [open, open];
  return (
    <g>
      <title>{`${shorten(fault.step, 60)}: ${shorten(fault.fault, 60)} on ${shorten(fault.targets.join(', '), 100)}, ${between(sent, healSeen)}`}</title>
      <rect class="band" height="100%" {...scale.stretch(seen, Math.max(seen, healSent))} />
      <rect class="band-unsure" height="100%" {...scale.stretch(sent, seen)} />
      <rect class="band-unsure" height="100%" {...scale.stretch(healSent, healSeen)} />
      <rect class="band-edge" height="100%" width="1.5" {...scale.place(sent)} />
    </g>
  );
}

/** Faults as bands, and the grid, behind all rows. */
export function FaultBands({
  faults,
  scale,
}: {
  faults: readonly ReportedFault[];
  scale: TimelineScale;
}): JSX.Element {
  return (
    <svg class="bands" width="100%" height="100%" aria-hidden="true" focusable="false">
      <g class="grid">
        {scale.marks.map((mark) => (
          <rect class="grid-line" height="100%" width="1" {...scale.place(mark)} />
        ))}
      </g>
      <Moving>
        {faults.map((fault) => (
          <FaultBand fault={fault} scale={scale} />
        ))}
      </Moving>
    </svg>
  );
}

/** The numbers of the faults over their bands, on several heights so that they stay apart. */
export function FaultBadges({
  faults,
  scale,
}: {
  faults: readonly ReportedFault[];
  scale: TimelineScale;
}): JSX.Element {
  const placed = faults.flatMap(({ injectedMs }, index) =>
    injectedMs === undefined ? [] : [{ index, ms: injectedMs[0] }],
  );
  const percents = placed.map(({ ms }) => scale.percent(ms));
  const wide = badgeRows(percents, NEAR.wide, BADGE_ROWS);
  const narrow = badgeRows(percents, NEAR.narrow, BADGE_ROWS);
  const rows = Math.max(0, ...wide, ...narrow) + 1;
  return (
    <Row kind="badges" name={<strong>Faults</strong>} height={rows * (BADGE + 2) + 4}>
      {placed.map(({ index, ms }, order) => {
        const crowded = wide[order] === -1 ? ' hidden' : narrow[order] === -1 ? ' crowded' : '';
        return (
          <svg
            class={`badge${crowded}`}
            overflow="visible"
            y={Math.max(0, wide[order] ?? 0) * (BADGE + 2) + BADGE / 2 + 1}
            {...scale.place(ms)}
          >
            <circle r={BADGE / 2} />
            <text dy="0.35em">{index + 1}</text>
          </svg>
        );
      })}
    </Row>
  );
}
