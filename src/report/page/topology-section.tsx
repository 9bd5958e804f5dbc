import type { JSX } from 'preact';
import type { ReportDocument } from '../report-document.ts';
import { plural, shorten } from '../wording.ts';
import { Mark, Name, NumberText, Section, Table } from './elements.tsx';

function Readiness({ ready }: { ready: boolean | undefined }): JSX.Element {
  if (ready === undefined) return <span class="quiet">not looked at</span>;
  return <Mark kind={ready ? 'pass' : 'fail'}>{ready ? 'ready' : 'not ready'}</Mark>;
}

/** What ran where, before and after. */
export function TopologySection({ topology }: ReportDocument): JSX.Element | null {
  if (topology === undefined) return null;
  const systems = topology.systems.map(
    ({ name, distribution, version }) => `${name} (${distribution} ${version})`,
  );
  return (
    <Section
      id="topology"
      title="Topology"
      lead={`${shorten(systems.join(', '), 300)}; ${plural(topology.services, 'service')}.`}
    >
      <Table
        caption="Nodes"
        head={['Node', 'Roles', 'Before', 'After']}
        rows={topology.nodes.map(({ name, roles, readyBefore, readyAfter }) => [
          <Name length={80}>{name}</Name>,
          shorten(roles.join(', ')),
          <Readiness ready={readyBefore} />,
          <Readiness ready={readyAfter} />,
        ])}
      />
      {topology.timers.length > 0 ? (
        <details>
          <summary>{plural(topology.timers.length, 'timer')} that decide how fast it recovers</summary>
          <Table
            caption="Timers"
            head={['Timer', 'Value', 'Read from']}
            numeric={[1]}
            rows={topology.timers.map(({ name, valueMs, source }, index) => [
              <Name length={80}>{name}</Name>,
              <NumberText value={valueMs} unit="ms" at={`/topology/timers/${index}/valueMs`} />,
              shorten(source, 200),
            ])}
          />
        </details>
      ) : null}
    </Section>
  );
}
