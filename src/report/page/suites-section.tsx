import type { JSX } from 'preact';
import type { NotPassed, ReportedStage } from '../report-document.ts';
import { plural, shorten } from '../wording.ts';
import { Mark, Name, NumberText, Table } from './elements.tsx';
import type { PageSection } from './page-content.ts';

interface Row extends NotPassed {
  readonly stages: readonly string[];
}

const WORST_FIRST = ['failed', 'unknown', 'skipped'] as const;
const COUNTS = ['planned', 'passed', 'failed', 'skipped', 'unknown', 'troubles'] as const;

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
  return [...rows.values()].sort((a, b) => WORST_FIRST.indexOf(a.outcome) - WORST_FIRST.indexOf(b.outcome));
}

/** The outcomes of a stage as parts of one bar; what did not pass is told by its pattern and in the columns beside it as well. */
function OutcomeBar({ stage }: { stage: ReportedStage }): JSX.Element {
  const parts = (['passed', 'failed', 'unknown', 'skipped'] as const).map((outcome) => ({
    outcome,
    count: stage[outcome],
  }));
  const total = Math.max(
    1,
    parts.reduce((sum, { count }) => sum + count, 0),
  );
  let before = 0;
  return (
    <svg
      class="outcomes"
      width="100%"
      height="12"
      role="img"
      aria-label={`${shorten(stage.stage)}: ${parts.map(({ outcome, count }) => `${count} ${outcome}`).join(', ')}`}
    >
      {parts.map(({ outcome, count }) => {
        const x = (100 * before) / total;
        before += count;
        return count === 0 ? null : (
          <rect
            class={`outcome-${outcome}`}
            height="12"
            x={`${Number(x.toFixed(3))}%`}
            width={`${Number(((100 * count) / total).toFixed(3))}%`}
          />
        );
      })}
    </svg>
  );
}

function Stages({ stages }: { stages: readonly ReportedStage[] }): JSX.Element {
  return (
    <Table
      caption="Conformance stages"
      head={['Stage', '', 'Planned', 'Passed', 'Failed', 'Skipped', 'Unknown', 'Troubles']}
      numeric={[2, 3, 4, 5, 6, 7]}
      rows={stages.map((stage, index) => [
        <strong>{shorten(stage.stage)}</strong>,
        <OutcomeBar stage={stage} />,
        ...COUNTS.map((count) => (
          <NumberText value={stage[count]} unit="count" at={`/stages/${index}/${count}`} />
        )),
      ])}
    />
  );
}

/** The conformance stages, and every case that did not pass, with its reason. */
export const suitesSection: PageSection = {
  id: 'suites',
  title: 'Conformance',
  lead: () => 'Troubles are wrong answers that a case noted during faults, and went on from.',
  render({ document: { stages } }) {
    if (stages.length === 0) return <p>No conformance stage was run.</p>;
    const notPassed = mergeStages(stages);
    const counts = WORST_FIRST.map((outcome) => ({
      outcome,
      count: notPassed.filter((row) => row.outcome === outcome).length,
    })).filter(({ count }) => count > 0);
    return (
      <>
        <Stages stages={stages} />
        {notPassed.length > 0 ? (
          <>
            <h3>
              Cases that did not pass:{' '}
              {counts.map(({ outcome, count }) => `${plural(count, 'case')} ${outcome}`).join(', ')}
            </h3>
            <Table
              caption="Cases that did not pass"
              head={['Outcome', 'Case', 'Stages', 'Why']}
              rows={notPassed.map(({ outcome, id, title, stages: seenIn, reason, times }) => [
                <Mark kind={outcome}>{outcome}</Mark>,
                <>
                  {shorten(title, 120)} <Name length={90}>{id}</Name>
                </>,
                `${seenIn.map((stage) => shorten(stage)).join(', ')}${times > seenIn.length ? `, ${times} times` : ''}`,
                shorten(reason, 400),
              ])}
            />
          </>
        ) : null}
      </>
    );
  },
};
