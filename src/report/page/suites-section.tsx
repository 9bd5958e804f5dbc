import type { JSX } from 'preact';
import { countColumns, isNotForLab, skippedWords } from '../case-outcomes.ts';
import type { NotPassed, ReportedStage } from '../report-document.ts';
import { plural, shorten } from '../wording.ts';
import { Mark, Name, NumberText, Table } from './elements.tsx';
import type { PageSection } from './page-content.ts';

interface Row extends NotPassed {
  readonly stages: readonly string[];
}

const WORST_FIRST = ['failed', 'unknown', 'skipped', 'not for this lab'] as const;

const wordOf = (entry: NotPassed): (typeof WORST_FIRST)[number] =>
  isNotForLab(entry) ? 'not for this lab' : entry.outcome;

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
  return [...rows.values()].sort((a, b) => WORST_FIRST.indexOf(wordOf(a)) - WORST_FIRST.indexOf(wordOf(b)));
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
  const words = [
    ...parts.slice(0, 3).map(({ outcome, count }) => `${count} ${outcome}`),
    ...skippedWords(stage),
  ];
  let before = 0;
  return (
    <svg
      class="outcomes"
      width="100%"
      height="12"
      role="img"
      aria-label={`${shorten(stage.stage)}: ${words.join(', ')}`}
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
  const columns = [...countColumns(stages), { title: 'Troubles', count: 'troubles' } as const];
  return (
    <Table
      caption="Conformance stages"
      head={['Stage', '', ...columns.map(({ title }) => title)]}
      numeric={columns.map((_, index) => index + 2)}
      rows={stages.map((stage, index) => [
        <strong>{shorten(stage.stage)}</strong>,
        <OutcomeBar stage={stage} />,
        ...columns.map(({ count }) => (
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
    const counts = WORST_FIRST.map((word) => ({
      word,
      count: notPassed.filter((row) => wordOf(row) === word).length,
    })).filter(({ count }) => count > 0);
    return (
      <>
        <Stages stages={stages} />
        {notPassed.length > 0 ? (
          <>
            <h3>
              {notPassed.every(isNotForLab) ? 'Cases for other labs: ' : 'Cases that did not pass: '}
              {counts.map(({ word, count }) => `${plural(count, 'case')} ${word}`).join(', ')}
            </h3>
            <Table
              caption="Cases that did not pass"
              head={['Outcome', 'Case', 'Stages', 'Why']}
              rows={notPassed.map((row) => [
                <Mark kind={row.outcome}>{wordOf(row)}</Mark>,
                <>
                  {shorten(row.title, 120)} <Name length={90}>{row.id}</Name>
                </>,
                `${row.stages.map((stage) => shorten(stage)).join(', ')}${row.times > row.stages.length ? `, ${row.times} times` : ''}`,
                shorten(row.reason, 400),
              ])}
            />
          </>
        ) : null}
      </>
    );
  },
};
