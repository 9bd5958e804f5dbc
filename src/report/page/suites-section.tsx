import type { JSX } from 'preact';
import type { ReportDocument } from '../report-document.ts';
import { shorten } from '../wording.ts';
import { Mark, Name, NumberText, Section, Table } from './elements.tsx';

const COUNTS = ['planned', 'passed', 'failed', 'skipped', 'unknown', 'troubles'] as const;

/** The conformance stages, and every case that did not pass, with its reason. */
export function SuitesSection({ stages }: ReportDocument): JSX.Element {
  const notPassed = stages.flatMap(({ stage, notPassed: entries }) => entries.map((entry) => ({ stage, ...entry })));
  return (
    <Section
      id="suites"
      title="Conformance"
      {...(stages.length === 0 ? {} : { lead: 'Troubles are wrong answers that a case noted during faults, and went on from.' })}
    >
      {stages.length === 0 ? (
        <p>No conformance stage was run.</p>
      ) : (
        <Table
          caption="Conformance stages"
          head={['Stage', 'Planned', 'Passed', 'Failed', 'Skipped', 'Unknown', 'Troubles']}
          numeric={[1, 2, 3, 4, 5, 6]}
          rows={stages.map((stage, index) => [
            shorten(stage.stage),
            ...COUNTS.map((count) => <NumberText value={stage[count]} unit="count" at={`/stages/${index}/${count}`} />),
          ])}
        />
      )}
      {notPassed.length > 0 ? (
        <Table
          caption="Cases that did not pass"
          head={['Outcome', 'Case', 'Stage', 'Reason']}
          rows={notPassed.map(({ outcome, id, stage, reason, times }) => [
            <Mark kind={outcome}>{outcome}</Mark>,
            <Name length={90}>{id}</Name>,
            `${shorten(stage)}${times > 1 ? `, ${times} times` : ''}`,
            shorten(reason, 400),
          ])}
        />
      ) : null}
    </Section>
  );
}
