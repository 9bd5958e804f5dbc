import type { JSX } from 'preact';
import type { NotPassed, ReportDocument, ReportedStage } from '../report-document.ts';
import { shorten } from '../wording.ts';
import { Mark, Name, NumberText, Section, Table } from './elements.tsx';

interface Row extends NotPassed {
  readonly stages: readonly string[];
}

/** A case that is skipped in every stage for one reason is one row, not three. */
function mergeStages(stages: readonly ReportedStage[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const { stage, notPassed } of stages) {
    for (const entry of notPassed) {
      const key = JSON.stringify([entry.id, entry.outcome, entry.reason]);
      const known = rows.get(key);
      const times = entry.times + (known?.times ?? 0);
      rows.set(key, { ...entry, times, stages: [...(known?.stages ?? []), stage] });
    }
  }
  const worstFirst = ['failed', 'unknown', 'skipped'];
  return [...rows.values()].sort((a, b) => worstFirst.indexOf(a.outcome) - worstFirst.indexOf(b.outcome));
}

const COUNTS = ['planned', 'passed', 'failed', 'skipped', 'unknown', 'troubles'] as const;

/** The conformance stages, and every case that did not pass, with its reason. */
export function SuitesSection({ stages }: ReportDocument): JSX.Element {
  const notPassed = mergeStages(stages);
  return (
    <Section
      id="suites"
      title="Conformance"
      {...(stages.length === 0
        ? {}
        : { lead: 'Troubles are wrong answers that a case noted during faults, and went on from.' })}
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
            ...COUNTS.map((count) => (
              <NumberText value={stage[count]} unit="count" at={`/stages/${index}/${count}`} />
            )),
          ])}
        />
      )}
      {notPassed.length > 0 ? (
        <Table
          caption="Cases that did not pass"
          head={['Outcome', 'Case', 'Stages', 'Reason']}
          rows={notPassed.map(({ outcome, id, stages: seenIn, reason, times }) => [
            <Mark kind={outcome}>{outcome}</Mark>,
            <Name length={90}>{id}</Name>,
            `${seenIn.map((stage) => shorten(stage)).join(', ')}${times > seenIn.length ? `, ${times} times` : ''}`,
            shorten(reason, 400),
          ])}
        />
      ) : null}
    </Section>
  );
}
