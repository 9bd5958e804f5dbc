import type { JSX } from 'preact';
import type {
  ReportDocument,
  ReportedHolder,
  ReportedTopology,
  ReportedWorkload,
} from '../report-document.ts';
import { plural, shorten } from '../wording.ts';
import { Mark, Moment, Name, NumberText, Table } from './elements.tsx';
import type { PageSection } from './page-content.ts';
import { Subject } from './subject.tsx';
import { timelineScale, type TimelineScale } from './timeline/timeline-scale.ts';

const TRACK = 14;

function Readiness({ ready }: { ready: boolean | undefined }): JSX.Element {
  if (ready === undefined) return <span class="quiet">not looked at</span>;
  return <Mark kind={ready ? 'pass' : 'fail'}>{ready ? 'ready' : 'not ready'}</Mark>;
}

type ReportedNode = ReportedTopology['nodes'][number];

/** When the watchers saw the node not ready, over the time of the timeline. */
function NodeTrack({ node, scale }: { node: ReportedNode; scale: TimelineScale | undefined }): JSX.Element {
  const away = node.unreadyMs ?? [];
  if (scale === undefined || away.length === 0) return <span class="quiet">ready all along, as watched</span>;
  const sayAway = away
    .map(
      ({ fromMs, toMs }) =>
        `from ${(fromMs[1] / 1000).toFixed(1)} s to ${toMs === undefined ? 'the end' : `${(toMs[0] / 1000).toFixed(1)} s`}`,
    )
    .join(', ');
  return (
    <>
      <svg class="track" width="100%" height={TRACK} role="img" aria-label={`Not ready ${sayAway}`}>
        <rect class="up" y={TRACK / 2 - 2} width="100%" height="4" />
        {away.map(({ fromMs, toMs = [scale.toMs, scale.toMs] }) => (
          <>
            <rect class="clear" height={TRACK} {...scale.stretch(fromMs[0], toMs[1])} />
            <rect class="down" height={TRACK} {...scale.stretch(fromMs[1], toMs[0])} />
            <rect class="unsure" height={TRACK} {...scale.stretch(fromMs[0], fromMs[1])} />
            <rect class="unsure" height={TRACK} {...scale.stretch(toMs[0], toMs[1])} />
          </>
        ))}
      </svg>
      <span class="quiet">not ready {sayAway}</span>
    </>
  );
}

function Nodes({
  nodes,
  scale,
}: {
  nodes: readonly ReportedNode[];
  scale: TimelineScale | undefined;
}): JSX.Element {
  return (
    <Table
      caption="Nodes before, during and after"
      head={['Node', 'Roles', 'Before', 'During', 'After']}
      rows={nodes.map((node) => [
        <Name length={80}>{node.name}</Name>,
        shorten(node.roles.join(', ')),
        <Readiness ready={node.readyBefore} />,
        <NodeTrack node={node} scale={scale} />,
        <Readiness ready={node.readyAfter} />,
      ])}
    />
  );
}

function HolderPath({ holder }: { holder: ReportedHolder }): JSX.Element {
  if (holder.moves.length === 0) return <span class="quiet">did not move, as watched</span>;
  return (
    <ul class="moves">
      {holder.moves.slice(0, 20).map(({ atMs, is }) => (
        <li>
          <Moment ms={atMs[1]} /> {is === undefined ? 'held by nobody' : `to ${shorten(is, 60)}`}
        </li>
      ))}
    </ul>
  );
}

function Holders({ holders }: { holders: readonly ReportedHolder[] }): JSX.Element | null {
  if (holders.length === 0) return null;
  const node = (name: string | undefined): JSX.Element =>
    name === undefined ? <span class="quiet">not known</span> : <Name length={60}>{name}</Name>;
  return (
    <Table
      caption="Leaders and addresses before, during and after"
      head={['Leader or address', 'Before', 'During', 'After']}
      rows={holders.map((holder) => [
        <Name length={80}>{holder.what}</Name>,
        node(holder.before),
        <HolderPath holder={holder} />,
        node(holder.after),
      ])}
    />
  );
}

function Workloads({ workloads }: { workloads: readonly ReportedWorkload[] }): JSX.Element | null {
  if (workloads.length === 0) return null;
  const lacking = workloads.filter(({ replicas, readyAfter }) => (readyAfter ?? replicas) < replicas).length;
  const count = (ready: number | undefined, at: string): JSX.Element =>
    ready === undefined ? (
      <span class="quiet">not looked at</span>
    ) : (
      <NumberText value={ready} unit="count" at={at} />
    );
  return (
    <details open={lacking > 0}>
      <summary>
        {plural(workloads.length, 'workload')},{' '}
        {lacking === 0 ? 'none short of a member at the end' : `${lacking} short of a member at the end`}
      </summary>
      <Table
        caption="Members of workloads that were ready"
        head={['Workload', 'Wanted', 'Ready before', 'Ready after']}
        numeric={[1, 2, 3]}
        rows={workloads.map(({ id, replicas, readyBefore, readyAfter }, index) => {
          const at = `/topology/workloads/${index}`;
          return [
            <Name length={80}>{id}</Name>,
            <NumberText value={replicas} unit="count" at={`${at}/replicas`} />,
            count(readyBefore, `${at}/readyBefore`),
            count(readyAfter, `${at}/readyAfter`),
          ];
        })}
      />
    </details>
  );
}

function Timers({ timers }: ReportedTopology): JSX.Element | null {
  if (timers.length === 0) return null;
  return (
    <details>
      <summary>{plural(timers.length, 'timer')} that decide how fast it recovers</summary>
      <Table
        caption="Timers"
        head={['Timer', 'Value', 'Read from']}
        numeric={[1]}
        rows={timers.map(({ name, valueMs, source }, index) => [
          <Name length={80}>{name}</Name>,
          <NumberText value={valueMs} unit="ms" at={`/topology/timers/${index}/valueMs`} />,
          shorten(source, 200),
        ])}
      />
    </details>
  );
}

function leadOf({ topology }: ReportDocument): string | undefined {
  if (topology === undefined) return undefined;
  const systems = topology.systems.map(
    ({ name, distribution, version }) => `${name} (${distribution} ${version})`,
  );
  return `${shorten(systems.join(', '), 300)}; ${plural(topology.services, 'service')}. During is what the watchers saw between the first sample and the last.`;
}

/** What ran where, before, during and after. */
export const topologySection: PageSection = {
  id: 'topology',
  title: 'Topology before, during and after',
  wide: true,
  lead: ({ document }) => leadOf(document),
  render({ document }) {
    const { topology, subject } = document;
    if (topology === undefined) return null;
    return (
      <>
        <Nodes nodes={topology.nodes} scale={timelineScale(document)} />
        <Holders holders={topology.holders} />
        <Workloads workloads={topology.workloads} />
        <Timers {...topology} />
        {subject === undefined ? null : <Subject subject={subject} />}
      </>
    );
  },
};
