import type { JSX } from 'preact';
import type { CalibratedRung, Calibration } from '../../model/analysis.ts';
import { shorten } from '../wording.ts';
import { Mark, Name, NumberText, Table } from './elements.tsx';
import type { PageSection } from './page-content.ts';

const STATES: Readonly<Record<CalibratedRung['state'], JSX.Element>> = {
  reference: <span class="quiet">what the others are held against</span>,
  flat: <Mark kind="pass">as fast as there</Mark>,
  'not-flat': <Mark kind="fail">surely slower</Mark>,
  unknown: <Mark kind="unknown">cannot be told</Mark>,
};

const PLANNED: Readonly<Record<CalibratedRung['state'], string>> = {
  reference: 'The plan asks no more often than the lowest rate.',
  flat: 'The rate of the plan leaves the system as it is.',
  'not-flat':
    'The plan asks so often that the system answers more slowly for it: what is measured is also its own load.',
  unknown: 'Whether the rate of the plan is felt by the system could not be shown.',
};

function Rungs({ rungs }: Calibration): JSX.Element {
  return (
    <Table
      caption="Rates that were tried"
      head={['Times the rate of the plan', 'Requests a second', 'Answers', 'Why']}
      rows={rungs.map(({ times, perSecond, state, says }, index) => [
        <NumberText value={times} unit="count" at={`/calibration/rungs/${index}/times`} />,
        <NumberText value={perSecond} unit="count" at={`/calibration/rungs/${index}/perSecond`} />,
        STATES[state],
        shorten(says, 300),
      ])}
    />
  );
}

function Resolution({ flatUpTo }: Calibration): JSX.Element {
  if (flatUpTo === undefined) return <p>No rate above the lowest was shown to leave the system as it is.</p>;
  return (
    <>
      <p>
        Up to <NumberText value={flatUpTo.perSecond} unit="count" at="/calibration/flatUpTo/perSecond" />{' '}
        requests a second the system answers evenly. At that rate:
      </p>
      <Table
        caption="What probes can tell at that rate"
        head={['Probe', 'Asks every', 'Surely sees outages above', 'Error of a length at most']}
        numeric={[1, 2, 3]}
        rows={flatUpTo.probes.map(({ probe, everyMs, surelySeenMs, bracketMs }, index) => {
          const at = `/calibration/flatUpTo/probes/${index}`;
          return [
            <Name length={60}>{probe}</Name>,
            <NumberText value={everyMs} unit="ms" at={`${at}/everyMs`} />,
            <NumberText value={surelySeenMs} unit="ms" at={`${at}/surelySeenMs`} />,
            <NumberText value={bracketMs} unit="ms" at={`${at}/bracketMs`} />,
          ];
        })}
      />
    </>
  );
}

/** How often the system can be asked before it is the asking that is measured. */
export const calibrationSection: PageSection = {
  id: 'calibration',
  title: 'Calibration',
  lead: ({ document }) => PLANNED[document.calibration?.planned ?? 'unknown'],
  render({ document: { calibration } }) {
    if (calibration === undefined) return null;
    return (
      <>
        <Rungs {...calibration} />
        <Resolution {...calibration} />
      </>
    );
  },
};
