import type { ComponentChildren, JSX } from 'preact';
import type { HistoryValue, MeasureHistory } from '../../model/history.ts';
import type { ReportedHistory } from '../report-document.ts';
import { plural, shorten } from '../wording.ts';
import { FigureText, Name, NumberText, Table, TruthMark } from './elements.tsx';
import { HistoryChart } from './history-chart.tsx';
import type { PageSection } from './page-content.ts';

/** Rows that are open at once: those that changed, and what the plan promises something of. */
const MOST_OPEN = 12;

const HEAD = ['Measure', 'This run', 'Last runs, this one last', 'Middle and range before', 'Beside them'];

const CHANGE_WORDS: Readonly<Record<MeasureHistory['change'], string>> = {
  more: 'more than in each before',
  less: 'less than in each before',
  within: 'as before',
  unknown: 'cannot be told',
};

function Value({ value, at }: { value: HistoryValue; at: string }): JSX.Element {
  const { min, max, unit } = value;
  if (max !== undefined) return <FigureText figure={{ min, max, unit }} at={at} />;
  return (
    <>
      over <NumberText value={min} unit={unit} at={`${at}/min`} />
    </>
  );
}

function Spread({ measure, at }: { measure: MeasureHistory; at: string }): JSX.Element {
  const { spread, now, earlier } = measure;
  if (spread === undefined) return <span class="quiet">none</span>;
  const show = (edge: keyof typeof spread): JSX.Element => (
    <NumberText value={spread[edge]} unit={now.unit} at={`${at}/spread/${edge}`} />
  );
  return (
    <>
      {show('median')}{' '}
      <span class="quiet">
        ({show('lowest')} to {show('highest')}, {plural(earlier.length, 'run')})
      </span>
    </>
  );
}

function rowOf(measure: MeasureHistory, index: number): ComponentChildren[] {
  const { change } = measure;
  const at = `/history/measures/${index}`;
  return [
    <span>{shorten(measure.title)}</span>,
    <Value value={measure.now} at={`${at}/now`} />,
    <HistoryChart measure={measure} />,
    <Spread measure={measure} at={at} />,
    change === 'more' || change === 'less' ? (
      <strong class={change === 'more' ? 'worse' : ''}>{CHANGE_WORDS[change]}</strong>
    ) : (
      <span class="quiet">{CHANGE_WORDS[change]}</span>
    ),
  ];
}

const stands = ({ change, judged }: MeasureHistory): number => {
  if (change === 'more') return 0;
  if (change === 'less') return 1;
  return judged ? 2 : 3;
};

function Measures({ measures }: ReportedHistory): JSX.Element {
  const rows = measures
    .map((measure, index) => ({ rank: stands(measure), cells: rowOf(measure, index) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ cells }) => cells);
  const rest = rows.slice(MOST_OPEN);
  return (
    <>
      <Table caption="Measures beside earlier runs" head={HEAD} rows={rows.slice(0, MOST_OPEN)} />
      {rest.length === 0 ? null : (
        <details>
          <summary>{plural(rest.length, 'measure')} more</summary>
          <Table caption="More measures beside earlier runs" head={HEAD} rows={rest} />
        </details>
      )}
    </>
  );
}

function OtherSubject({ history: { otherSubject } }: { history: ReportedHistory }): JSX.Element | null {
  if (otherSubject === undefined || otherSubject.differences.length === 0) return null;
  return (
    <details>
      <summary>
        What differs between the subject of <Name length={60}>{otherSubject.run}</Name> and this one
      </summary>
      <pre>
        {otherSubject.differences
          .slice(0, 100)
          .map((line) => shorten(line, 200))
          .join('\n')}
      </pre>
    </details>
  );
}

/** This run beside the last ones of the same plan, subject and lab. */
export const historySection: PageSection = {
  id: 'history',
  title: 'Beside the last runs',
  lead: () => (
    <>
      Runs of the same plan, subject and lab. The top of a bar is the range in which the figure lies; the
      shade behind is the range of all runs before. Of many figures one is now and then the highest by chance:{' '}
      <code>squall compare</code> knows how likely that is.
    </>
  ),
  render({ document: { history } }) {
    if (history === undefined) return null;
    if (history.runs.length === 0) {
      return (
        <>
          <p class="quiet">It is the first run of this plan on this subject that is kept here.</p>
          <OtherSubject history={history} />
        </>
      );
    }
    return (
      <>
        <Measures {...history} />
        <OtherSubject history={history} />
        <details>
          <summary>{plural(history.runs.length, 'earlier run')}</summary>
          <Table
            caption="Earlier runs"
            head={['Run', 'Started', 'Verdict']}
            rows={[...history.runs].reverse().map(({ run, startedWall, truth, end }) => [
              <Name length={60}>{run}</Name>,
              shorten(startedWall.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')),
              <>
                <TruthMark truth={truth} />
                {end === 'complete' ? null : <span class="quiet"> ended early: {shorten(end)}</span>}
              </>,
            ])}
          />
        </details>
      </>
    );
  },
};
