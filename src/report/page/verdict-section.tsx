import type { ComponentChildren, JSX } from 'preact';
import type { Reason, VerdictClass } from '../../model/verdict.ts';
import { alikeReasons } from '../alike-reasons.ts';
import { skippedWords } from '../case-outcomes.ts';
import type { CaseCounts, ReportDocument } from '../report-document.ts';
import { plural, shorten, TRUTH_WORDS } from '../wording.ts';
import { FigureText, Name, NumberText, TruthMark } from './elements.tsx';

const SENTENCE_LENGTH = 600;
const MOST_REASONS = 50;

/** More than these, and what hurt would be below the first screen. */
const OPEN_REASONS = 6;

/** Whose trouble it is. */
const CLASS_WORDS: Readonly<Record<VerdictClass, string>> = {
  system: 'of the system under test',
  injection: 'of the injection',
  healing: 'of the healing',
  measuring: 'of the measuring',
  leak: 'for what is left behind',
};

function Tile({
  label,
  children,
  note,
}: {
  label: string;
  children: ComponentChildren;
  note: string;
}): JSX.Element {
  return (
    <div class="tile">
      <dt>{label}</dt>
      <dd>
        <strong>{children}</strong>
        <span>{note}</span>
      </dd>
    </div>
  );
}

function casesNote(cases: CaseCounts): string {
  const { failed, unknown, skipped } = cases;
  return [
    failed === 0 ? 'none failed' : `${failed} failed`,
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ...(skipped > 0 ? skippedWords(cases) : ['none skipped']),
  ].join(', ');
}

function Glance({ glance }: ReportDocument): JSX.Element {
  const { longestOutage, lowestAvailability, cases, faults } = glance;
  return (
    <dl class="tiles" aria-label="At a glance">
      <Tile
        label="Longest outage"
        note={longestOutage ? shorten(longestOutage.probe, 40) : 'nothing was probed'}
      >
        {longestOutage ? (
          <FigureText figure={longestOutage.figure} at="/glance/longestOutage/figure" />
        ) : (
          'not known'
        )}
      </Tile>
      <Tile
        label="Lowest availability"
        note={lowestAvailability ? shorten(lowestAvailability.probe, 40) : 'nothing was probed'}
      >
        {lowestAvailability ? (
          <FigureText figure={lowestAvailability.figure} at="/glance/lowestAvailability/figure" />
        ) : (
          'not known'
        )}
      </Tile>
      <Tile label="Cases" note={casesNote(cases)}>
        <NumberText value={cases.passed} unit="count" at="/glance/cases/passed" /> passed
      </Tile>
      <Tile label="Faults healed" note={`${plural(faults.injected, 'fault')} injected in all`}>
        <NumberText value={faults.healed} unit="count" at="/glance/faults/healed" /> of{' '}
        <NumberText value={faults.owed} unit="count" at="/glance/faults/owed" />
      </Tile>
    </dl>
  );
}

function ReasonLine({ reason, more = 0 }: { reason: Reason; more?: number }): JSX.Element {
  return (
    <li>
      <TruthMark truth={reason.truth} />
      <span>
        {shorten(reason.says, SENTENCE_LENGTH)}{' '}
        {more === 0 ? null : <strong>And {more} more like it. </strong>}
        <span class="quiet">
          {reason.class}
          {reason.evidence.length > 0 ? ', evidence in ' : ''}
          {reason.evidence.slice(0, 5).map((file, index) => (
            <>
              {index > 0 ? ', ' : ''}
              <Name length={60}>{file}</Name>
            </>
          ))}
        </span>
      </span>
    </li>
  );
}

/** What is different from last time; nothing where there was none. */
function SinceLastTime({ history }: ReportDocument): JSX.Element | null {
  const { says = [] } = history ?? {};
  if (says.length === 0) return null;
  return (
    <p class="since">
      <strong>Since last time.</strong>{' '}
      {says.map((sentence, index) => (
        <>
          {index > 0 ? ' ' : ''}
          {shorten(sentence, SENTENCE_LENGTH)}
        </>
      ))}{' '}
      <a href="#history">All of it</a>
    </p>
  );
}

function EndNotes({ run }: ReportDocument): JSX.Element | null {
  const { error, furtherErrors, reason } = run.end;
  if (
    reason === 'complete' &&
    error === undefined &&
    run.stopped === undefined &&
    furtherErrors.length === 0
  ) {
    return null;
  }
  return (
    <div class="ended-early" role="note">
      {reason === 'complete' ? null : <p>The run did not come to its end: {shorten(reason)}.</p>}
      {error ? (
        <p>
          <Name>{error.code}</Name> {shorten(error.says, SENTENCE_LENGTH)}{' '}
          {shorten(error.remedy, SENTENCE_LENGTH)}
        </p>
      ) : null}
      {run.stopped ? (
        <p>
          The method was stopped by the {run.stopped.by}: {shorten(run.stopped.says, SENTENCE_LENGTH)}
        </p>
      ) : null}
      {furtherErrors.slice(0, MOST_REASONS).map((says) => (
        <p>{shorten(says, SENTENCE_LENGTH)}</p>
      ))}
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ run, verdict }: ReportDocument): JSX.Element {
  return (
    <dl class="facts">
      <Fact label="Plan">
        <Name>{run.plan}</Name>
      </Fact>
      <Fact label="Lab">
        <Name>{run.lab}</Name>
      </Fact>
      <Fact label="Seed">
        <Name>{run.seed}</Name>
      </Fact>
      <Fact label="Started">
        <time dateTime={run.startedWall}>{run.startedWall.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time>
      </Fact>
      <Fact label="Took">
        <NumberText value={run.tookMs} unit="ms" at="/run/tookMs" />
      </Fact>
      <Fact label="Exit code">
        <NumberText value={verdict.exitCode} unit="count" at="/verdict/exitCode" />, {verdict.exitMeaning}
      </Fact>
    </dl>
  );
}

/** The first few at once; the rest, and all of those that are alike, a click away. */
function Against({ reasons }: { reasons: readonly Reason[] }): JSX.Element | null {
  if (reasons.length === 0) return null;
  const kinds = alikeReasons(reasons);
  const first = kinds.slice(0, OPEN_REASONS);
  const told = new Set(first.map(({ reason }) => reason));
  const rest = reasons.filter((reason) => !told.has(reason));
  return (
    <>
      <ul class="reasons" aria-label="Reasons">
        {first.map((one) => (
          <ReasonLine {...one} />
        ))}
      </ul>
      {rest.length === 0 ? null : (
        <details>
          <summary>{plural(rest.length, 'more reason')}</summary>
          <ul class="reasons">
            {rest.slice(0, MOST_REASONS).map((reason) => (
              <ReasonLine reason={reason} />
            ))}
          </ul>
          {rest.length > MOST_REASONS ? (
            <p class="quiet">{rest.length - MOST_REASONS} more are in report.json.</p>
          ) : null}
        </details>
      )}
    </>
  );
}

/** What happened, in one sentence, with every reason that is not a pass open and the others a click away. */
export function VerdictSection({ document }: { document: ReportDocument }): JSX.Element {
  const { verdict, run } = document;
  const against = verdict.reasons.filter((reason) => reason.truth !== 'pass');
  const support = verdict.reasons.filter((reason) => reason.truth === 'pass');
  return (
    <section class={`verdict ${verdict.truth}`} aria-labelledby="verdict">
      <h1 id="verdict">
        <span class="stamp">
          <TruthMark truth={verdict.truth} />
          {verdict.class === undefined ? null : <span class="class"> {CLASS_WORDS[verdict.class]}</span>}
        </span>
        <span class="unseen-text">: </span>
        <span class="headline">{shorten(verdict.headline, SENTENCE_LENGTH)}</span>
      </h1>
      <p class="learns">{shorten(run.learns, SENTENCE_LENGTH)}</p>
      <Glance {...document} />
      <SinceLastTime {...document} />
      <EndNotes {...document} />
      <Against reasons={against} />
      {support.length > 0 ? (
        <details>
          <summary>
            {plural(support.length, 'reason')} for {TRUTH_WORDS.pass.toLowerCase()}
          </summary>
          <ul class="reasons">
            {support.slice(0, MOST_REASONS).map((reason) => (
              <ReasonLine reason={reason} />
            ))}
          </ul>
        </details>
      ) : null}
      <Facts {...document} />
    </section>
  );
}
