import type { ComponentChildren, JSX } from 'preact';
import type { Figure } from '../../model/verdict.ts';
import type { ReportedRecovery } from '../report-document.ts';
import { shorten } from '../wording.ts';
import { FigureText, Mark, Moment, Name, Table } from './elements.tsx';
import { columnDomain, DomainText, IntervalChart, type Domain } from './interval-chart.tsx';
import type { PageSection } from './page-content.ts';

interface Column {
  readonly title: string;
  /** True for time that users lost, as against time in which the system was mending unseen by them. */
  readonly hurts: boolean;
  readonly field: 'outage' | 'serviceBack' | 'redundancyBack' | 'performanceBack' | 'onReturn';
  readonly predicted?: 'outage' | 'redundancy';
  /** What to say when it was not measured. */
  readonly otherwise: string;
}

const COLUMNS: readonly Column[] = [
  { title: 'Users’ outage', hurts: true, field: 'outage', predicted: 'outage', otherwise: 'not seen' },
  { title: 'All answering again', hurts: false, field: 'serviceBack', otherwise: 'not reached' },
  {
    title: 'Full redundancy',
    hurts: false,
    field: 'redundancyBack',
    predicted: 'redundancy',
    otherwise: 'not seen',
  },
  { title: 'As fast as before', hurts: false, field: 'performanceBack', otherwise: 'not shown' },
  { title: 'Outage when it returned', hurts: true, field: 'onReturn', otherwise: 'none seen' },
];

const AGAINST: Readonly<Record<string, readonly [kind: string, says: string]>> = {
  inside: ['pass', 'as predicted'],
  shorter: ['other', 'shorter than predicted'],
  longer: ['fail', 'longer than predicted'],
  unknown: ['unknown', 'cannot be compared'],
};

const predictedOf = (recovery: ReportedRecovery, { predicted }: Column): Figure | undefined =>
  predicted === undefined ? undefined : recovery.predicted?.[predicted];

interface CellProps {
  readonly recovery: ReportedRecovery;
  readonly column: Column;
  readonly domain: Domain;
  readonly at: string;
}

function Cell({ recovery, column, domain, at }: CellProps): JSX.Element {
  const measured = recovery[column.field];
  const predicted = predictedOf(recovery, column);
  return (
    <div class="compared">
      {measured === undefined ? (
        <span class="quiet">{column.otherwise}</span>
      ) : (
        <FigureText figure={measured} at={`${at}/${column.field}`} />
      )}
      {measured === undefined && predicted === undefined ? null : (
        <IntervalChart
          label={column.title}
          domain={domain}
          measured={measured}
          predicted={predicted}
          hurts={column.hurts}
        />
      )}
      {predicted === undefined ? null : (
        <span class="quiet">
          predicted <FigureText figure={predicted} at={`${at}/predicted/${column.predicted ?? ''}`} />
        </span>
      )}
    </div>
  );
}

function Phases({ phases }: ReportedRecovery): JSX.Element | null {
  if (phases.length === 0) return null;
  return (
    <dl class="phases" aria-label="Phases of the recovery">
      {phases.map(({ name, startMs, endMs, source }) => (
        <div>
          <dt>{name}</dt>
          <dd>
            <Moment ms={startMs[0]} /> to <Moment ms={endMs[1]} />,{' '}
            <span class="quiet">{shorten(source, 200)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Felt({ felt, at }: { felt: ReportedRecovery['felt']; at: string }): JSX.Element {
  if (felt.length === 0) return <p>No probe felt it.</p>;
  return (
    <ul class="felt" aria-label="Who felt it">
      {felt.slice(0, 30).map(({ probe, outage }, index) => (
        <li>
          <Name length={60}>{probe}</Name> was out for{' '}
          <FigureText figure={outage} at={`${at}/felt/${index}/outage`} />
        </li>
      ))}
    </ul>
  );
}

function Details({ recovery, at }: { recovery: ReportedRecovery; at: string }): JSX.Element {
  const { predicted, felt, step } = recovery;
  return (
    <details>
      <summary>{shorten(step, 60)}: who felt it, phases, prediction</summary>
      <Felt felt={felt} at={at} />
      <Phases {...recovery} />
      {predicted === undefined ? null : (
        <ul class="because" aria-label="Where the prediction comes from">
          {predicted.because.slice(0, 30).map((because) => (
            <li>{shorten(because, 300)}</li>
          ))}
        </ul>
      )}
    </details>
  );
}

function faultCell({ step, fault, againstPrediction }: ReportedRecovery): ComponentChildren {
  const [kind, says] = AGAINST[againstPrediction] ?? ['unknown', againstPrediction];
  return (
    <>
      <strong>{shorten(step, 60)}</strong>
      <span class="quiet block">{shorten(fault, 60)}</span>
      <Mark kind={kind}>{says}</Mark>
    </>
  );
}

/** What each fault cost, beside what its timers let expect. */
export const recoverySection: PageSection = {
  id: 'recovery',
  title: 'Recovery',
  wide: true,
  lead: () =>
    'Counted from the effect of each fault. The band is what the live timers predict, the bar with two ends is what was measured: the truth lies between them. All charts of a column share one scale.',
  render({ document: { recoveries } }) {
    if (recoveries.length === 0) return null;
    // A column that nothing was measured in says nothing.
    const columns = COLUMNS.filter(
      (column) =>
        column.field === 'outage' || recoveries.some((recovery) => recovery[column.field] !== undefined),
    );
    const domains = columns.map((column) =>
      columnDomain(
        recoveries.map((recovery) => ({
          measured: recovery[column.field],
          predicted: predictedOf(recovery, column),
        })),
      ),
    );
    return (
      <>
        <Table
          caption="Recovery from each fault"
          head={['Fault', ...columns.map(({ title }) => title)]}
          rows={recoveries.map((recovery, index) => [
            faultCell(recovery),
            ...columns.map((column, place) => (
              <Cell
                recovery={recovery}
                column={column}
                domain={domains[place] ?? { from: 0, to: 1 }}
                at={`/recoveries/${index}`}
              />
            )),
          ])}
          foot={['', ...domains.map((domain) => <DomainText domain={domain} unit="ms" />)]}
        />
        <div class="details">
          {recoveries.map((recovery, index) => (
            <Details recovery={recovery} at={`/recoveries/${index}`} />
          ))}
        </div>
      </>
    );
  },
};
