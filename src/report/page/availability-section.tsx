import type { ComponentChildren, JSX } from 'preact';
import type { WindowedUptime } from '../../model/analysis.ts';
import type { Figure } from '../../model/verdict.ts';
import type { ReportDocument, ReportedProbe } from '../report-document.ts';
import { formatNumber } from '../wording.ts';
import { FigureText, Name, Table } from './elements.tsx';
import { DomainText, IntervalChart, type Domain } from './interval-chart.tsx';
import type { PageSection } from './page-content.ts';

const MOST_WINDOWS = 4;

/** From the worst that was seen, rounded down to a round share, to all. */
function shareDomain(figures: readonly Figure[]): Domain {
  const worst = Math.min(1, ...figures.map(({ min }) => min));
  const room = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((share) => 1 - worst <= share) ?? 1;
  return { from: 1 - room, to: 1 };
}

function Share({
  figure,
  at,
  domain,
  label,
}: {
  figure: Figure;
  at: string;
  domain: Domain;
  label: string;
}): JSX.Element {
  return (
    <div class="compared">
      <FigureText figure={figure} at={at} />
      <IntervalChart label={label} domain={domain} measured={figure} hurts={figure.max < 1} />
    </div>
  );
}

function Windows({
  windows,
  at,
}: {
  windows: readonly WindowedUptime[] | undefined;
  at: string;
}): JSX.Element {
  if (windows === undefined || windows.length === 0) return <span class="quiet">not computed</span>;
  return (
    <ul class="windows">
      {windows.slice(0, MOST_WINDOWS).map(({ windowMs, worst }, index) => (
        <li>
          <FigureText figure={worst} at={`${at}/${index}/worst`} />{' '}
          <span class="quiet">in any {formatNumber(windowMs, 'ms')}</span>
        </li>
      ))}
    </ul>
  );
}

function usersRow({ users }: ReportDocument, domain: Domain): readonly ComponentChildren[][] {
  if (users === undefined) return [];
  return [
    [
      <strong>All users together</strong>,
      <Share figure={users.uptime} at="/users/uptime" domain={domain} label="User uptime" />,
      <span class="quiet">each probe is one user</span>,
      <Windows windows={users.windows} at="/users/windows" />,
    ],
  ];
}

function probeRow(
  probe: ReportedProbe,
  index: number,
  byTime: Domain,
  byRequest: Domain,
): ComponentChildren[] {
  const at = `/probes/${index}`;
  return [
    <Name length={60}>{probe.probe}</Name>,
    <Share figure={probe.availability} at={`${at}/availability`} domain={byTime} label="By time" />,
    <Share figure={probe.requestRatio} at={`${at}/requestRatio`} domain={byRequest} label="By request" />,
    <Windows windows={probe.windows} at={`${at}/windows`} />,
  ];
}

/** Availability three ways: by time, by request, and in the worst window of each length. */
export const availabilitySection: PageSection = {
  id: 'availability',
  title: 'Availability, three ways',
  lead: () =>
    'By time: up over up and down, the unseen in neither. By request: good answers over all, with the chance of a draw (95 %). Worst window: the lowest of any window of that length, which tells one long outage from many short ones.',
  render({ document }) {
    const { probes } = document;
    if (probes.length === 0) return null;
    const byTime = shareDomain(probes.map(({ availability }) => availability));
    const byRequest = shareDomain(probes.map(({ requestRatio }) => requestRatio));
    return (
      <Table
        caption="Availability three ways"
        head={['Probe', 'By time', 'By request', 'Worst window']}
        rows={[
          ...usersRow(document, byTime),
          ...probes.map((probe, index) => probeRow(probe, index, byTime, byRequest)),
        ]}
        foot={[
          '',
          <DomainText domain={byTime} unit="ratio" />,
          <DomainText domain={byRequest} unit="ratio" />,
          '',
        ]}
      />
    );
  },
};
