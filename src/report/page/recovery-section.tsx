import type { JSX } from 'preact';
import type { Figure } from '../../model/verdict.ts';
import type { ReportDocument, ReportedRecovery } from '../report-document.ts';
import { formatNumber, shorten } from '../wording.ts';
import { FigureText, Mark, Moment, Name, Section } from './elements.tsx';

const ROW = 26;

interface Compared {
  readonly label: string;
  /** True for time that users lost, as against time in which the system was mending unseen by them. */
  readonly hurts: boolean;
  readonly predicted?: Figure | undefined;
  readonly measured?: Figure | undefined;
  readonly predictedAt: string;
  readonly measuredAt: string;
  /** What to say when it was not measured. */
  readonly otherwise: string;
}

const AGAINST: Readonly<Record<string, readonly [kind: string, says: string]>> = {
  inside: ['pass', 'inside the prediction'],
  shorter: ['other', 'shorter than predicted'],
  longer: ['fail', 'longer than predicted'],
  unknown: ['unknown', 'not comparable with the prediction'],
};

/** Predicted as a frame, measured as a bar whose hatched end is its error, on one scale that starts at the fault's effect. */
function CompareBar({ row, longestMs }: { row: Compared; longestMs: number }): JSX.Element {
  const at = (ms: number): string => `${Number(((100 * ms) / longestMs).toFixed(3))}%`;
  const { predicted, measured, label, hurts } = row;
  return (
    <svg
      class="compare"
      width="100%"
      height={ROW}
      role="img"
      aria-label={`${label}: predicted frame and measured bar`}
    >
      <line class="axis" x1="0" x2="100%" y1={ROW - 3} y2={ROW - 3} />
      {measured ? (
        <rect class={hurts ? 'down' : 'measured'} y="8" height="10" width={at(measured.min)} />
      ) : null}
      {measured ? (
        <rect
          class={hurts ? 'unsure' : 'unsure-measured'}
          y="8"
          height="10"
          x={at(measured.min)}
          width={at(measured.max - measured.min)}
        />
      ) : null}
      {predicted ? (
        <rect
          class="predicted"
          y="3"
          height={ROW - 9}
          x={at(predicted.min)}
          width={at(predicted.max - predicted.min)}
        />
      ) : null}
    </svg>
  );
}

function compare(recovery: ReportedRecovery, at: string): readonly Compared[] {
  return [
    {
      label: 'Longest outage',
      hurts: true,
      predicted: recovery.predicted?.outage,
      measured: recovery.outage,
      predictedAt: `${at}/predicted/outage`,
      measuredAt: `${at}/outage`,
      otherwise: 'none seen',
    },
    {
      label: 'All probes up again',
      hurts: false,
      measured: recovery.serviceBack,
      predictedAt: '',
      measuredAt: `${at}/serviceBack`,
      otherwise: 'not reached',
    },
    {
      label: 'Full redundancy',
      hurts: false,
      predicted: recovery.predicted?.redundancy,
      measured: recovery.redundancyBack,
      predictedAt: `${at}/predicted/redundancy`,
      measuredAt: `${at}/redundancyBack`,
      otherwise: 'not seen',
    },
    {
      label: 'Longest outage on its return',
      hurts: true,
      measured: recovery.onReturn,
      predictedAt: '',
      measuredAt: `${at}/onReturn`,
      otherwise: 'none seen',
    },
  ];
}

function RecoveryDetails({ recovery }: { recovery: ReportedRecovery }): JSX.Element | null {
  const { phases, predicted, felt } = recovery;
  if (phases.length === 0 && predicted === undefined && felt.length === 0) return null;
  return (
    <details>
      <summary>Who felt it, phases, and where the prediction comes from</summary>
      {felt.length > 0 ? (
        <p>
          Felt by{' '}
          {felt.slice(0, 30).map(({ probe }, index) => (
            <>
              {index > 0 ? ', ' : ''}
              <Name length={60}>{probe}</Name>
            </>
          ))}
          .
        </p>
      ) : null}
      {phases.length > 0 ? (
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
      ) : null}
      {predicted === undefined ? null : (
        <ul>
          {predicted.because.slice(0, 30).map((because) => (
            <li>{shorten(because, 300)}</li>
          ))}
        </ul>
      )}
    </details>
  );
}

function RecoveryCard({ recovery, index }: { recovery: ReportedRecovery; index: number }): JSX.Element {
  const rows = compare(recovery, `/recoveries/${index}`);
  const longestMs = Math.max(
    1,
    ...rows.flatMap(({ predicted, measured }) => [predicted?.max ?? 0, measured?.max ?? 0]),
  );
  const [kind, says] = AGAINST[recovery.againstPrediction] ?? ['unknown', recovery.againstPrediction];
  return (
    <article class="recovery" aria-labelledby={`recovery-${index}`}>
      <h3 id={`recovery-${index}`}>
        {shorten(recovery.step, 60)} <span class="quiet">{shorten(recovery.fault, 60)}</span>
      </h3>
      <p>
        <Mark kind={kind}>{says}</Mark>
      </p>
      <dl class="compared">
        {rows.map((row) => (
          <div>
            <dt>{row.label}</dt>
            <dd>
              {row.measured ? (
                <FigureText figure={row.measured} at={row.measuredAt} />
              ) : (
                <span class="quiet">{row.otherwise}</span>
              )}
              {row.predicted ? (
                <span class="quiet">
                  {', '}
                  predicted <FigureText figure={row.predicted} at={row.predictedAt} />
                </span>
              ) : null}
              <CompareBar row={row} longestMs={longestMs} />
            </dd>
          </div>
        ))}
      </dl>
      <p class="scale quiet" aria-hidden="true">
        <span>0 s, the effect of the fault</span>
        <span>{formatNumber(longestMs, 'ms')}</span>
      </p>
      <RecoveryDetails recovery={recovery} />
    </article>
  );
}

/** What each fault cost, beside what its timers let expect. */
export function RecoverySection({ recoveries }: ReportDocument): JSX.Element | null {
  if (recoveries.length === 0) return null;
  return (
    <Section
      id="recovery"
      title="Recovery"
      wide
      lead="Counted from the effect of each fault. The frame is what the live timers predict, the bar is what was measured, its hatched end the error."
    >
      <div class="cards">
        {recoveries.map((recovery, index) => (
          <RecoveryCard recovery={recovery} index={index} />
        ))}
      </div>
    </Section>
  );
}
