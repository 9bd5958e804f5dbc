import type { JSX } from 'preact';
import type { ReportedEvent } from '../../report-document.ts';
import { plural, shorten } from '../../wording.ts';
import { between } from './lane.tsx';
import { Row } from './row.tsx';
import type { TimelineScale } from './timeline-scale.ts';

const HEIGHT = 20;
const MIDDLE = HEIGHT / 2;
const MOST_ROWS = 6;
const MOST_MARKS = 1500;

/** Changes of one kind that follow each other within this share of the timeline are one mark: thirty backends of one node, say. */
const TOGETHER = 1 / 1000;

/** One sign for each kind of change: whoever moved, went, or came back. All are drawn around 0, 0. */
const SIGNS = {
  moved: 'M0 -6.5L6.5 0L0 6.5L-6.5 0Z',
  went: 'M-4.5 -4L4.5 -4L0 4.5Z',
  back: 'M-4.5 4L4.5 4L0 -4.5Z',
  other: 'M-1 -5H1V5H-1Z',
} as const;

type Sign = keyof typeof SIGNS;

const SIGN_OF: Readonly<Record<string, Sign>> = {
  leader: 'moved',
  'address-moved': 'moved',
  'node-not-ready': 'went',
  'node-removed': 'went',
  'endpoint-removed': 'went',
  blind: 'went',
  'node-ready': 'back',
  'node-added': 'back',
  'endpoint-added': 'back',
  'full-redundancy': 'back',
  seeing: 'back',
};

const ROW_WORDS: Readonly<Record<string, string>> = {
  leaders: 'leaders and addresses',
  nodes: 'nodes',
  endpoints: 'backends',
  recovered: 'full redundancy',
};

export function sayEvent({ watcher, change, about, was, is, atMs }: ReportedEvent): string {
  const turn =
    was !== undefined && is !== undefined
      ? `, ${shorten(was, 40)} to ${shorten(is, 40)}`
      : is === undefined
        ? ''
        : `, ${shorten(is, 40)}`;
  return `${between(...atMs)}: ${shorten(change, 40)} ${shorten(about, 60)}${turn} (${shorten(watcher, 40)})`;
}

const signOf = ({ change }: ReportedEvent): Sign => SIGN_OF[change] ?? 'other';

/** Neighbours of one kind and nearly one moment, as one group each; what is between the first and the last of it is in its range. */
function groupsOf(events: readonly ReportedEvent[], nearMs: number): readonly (readonly ReportedEvent[])[] {
  const groups: ReportedEvent[][] = [];
  for (const event of events) {
    const group = groups.at(-1);
    const [first] = group ?? [];
    const near =
      first !== undefined && signOf(first) === signOf(event) && event.atMs[1] - first.atMs[1] <= nearMs;
    if (near) group?.push(event);
    else groups.push([event]);
  }
  return groups;
}

function Change({
  events,
  scale,
}: {
  events: readonly ReportedEvent[];
  scale: TimelineScale;
}): JSX.Element | null {
  const [first] = events;
  if (first === undefined) return null;
  const sign = signOf(first);
  const after = Math.min(...events.map(({ atMs }) => atMs[0]));
  const seen = Math.max(...events.map(({ atMs }) => atMs[1]));
  const more =
    events.length === 1 ? '' : `, and ${events.length - 1} more like it by ${(seen / 1000).toFixed(1)} s`;
  return (
    <g>
      <title>{`${sayEvent(first)}${more}`}</title>
      <rect class="change-range" y={MIDDLE - 1} height="2" {...scale.stretch(after, seen)} />
      <svg class={`change ${sign}`} overflow="visible" y={MIDDLE} {...scale.place(seen)}>
        <path d={SIGNS[sign]} />
      </svg>
    </g>
  );
}

/** What the watchers saw, one row for each: leader and address moves as diamonds, what went and came back as triangles. */
export function WatchedRows({
  events,
  scale,
}: {
  events: readonly ReportedEvent[];
  scale: TimelineScale;
}): JSX.Element {
  const inside = events.filter(({ atMs }) => atMs[1] >= scale.fromMs && atMs[0] <= scale.toMs);
  const watchers = [...new Set(['leaders', ...inside.map(({ watcher }) => watcher)])].filter((watcher) =>
    inside.some((event) => event.watcher === watcher),
  );
  const nearMs = (scale.toMs - scale.fromMs) * TOGETHER;
  return (
    <>
      {watchers.slice(0, MOST_ROWS).map((watcher) => {
        const seen = inside.filter((event) => event.watcher === watcher);
        return (
          <Row
            kind="watched"
            name={<span class="quiet">{shorten(ROW_WORDS[watcher] ?? watcher, 26)}</span>}
            height={HEIGHT}
            value={<span class="quiet">{plural(seen.length, 'change')}</span>}
          >
            {groupsOf(seen, nearMs)
              .slice(0, MOST_MARKS)
              .map((group) => (
                <Change events={group} scale={scale} />
              ))}
          </Row>
        );
      })}
    </>
  );
}
