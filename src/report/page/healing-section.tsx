import type { JSX } from 'preact';
import type { ReportedFault, ReportedLeftover, Seen } from '../report-document.ts';
import { plural, shorten } from '../wording.ts';
import { Mark, Moment, Name, Table } from './elements.tsx';
import type { PageSection } from './page-content.ts';

const END_WORDS: Readonly<Record<string, string>> = {
  healed: 'healed at its time',
  'healed-early': 'healed early',
  expired: 'ended by its expiry',
  instant: 'over in a moment, nothing to heal',
  'not-injected': 'not injected',
  'not-healed': 'not healed',
};

function SeenText({ seen }: { seen: Seen | undefined }): JSX.Element {
  if (seen === undefined) return <span class="quiet">not looked at</span>;
  return (
    <>
      <Mark kind={seen.ok ? 'pass' : 'fail'}>{seen.ok ? 'seen' : 'not so'}</Mark> {shorten(seen.says, 300)}
    </>
  );
}

function HealedText({ fault }: { fault: ReportedFault }): JSX.Element {
  const differences = fault.verifiedHealed?.differences ?? [];
  return (
    <>
      <p>
        {END_WORDS[fault.end] ?? shorten(fault.end)}
        {fault.healedMs === undefined ? null : (
          <>
            , <Moment ms={fault.healedMs[0]} /> to <Moment ms={fault.healedMs[1]} />
          </>
        )}
      </p>
      {fault.lasts || fault.verifiedHealed !== undefined ? (
        <p>
          <SeenText seen={fault.verifiedHealed} />
        </p>
      ) : null}
      {differences.length > 0 ? (
        <pre>
          {differences
            .slice(0, 50)
            .map((line) => shorten(line, 200))
            .join('\n')}
        </pre>
      ) : null}
      {fault.trouble === undefined ? null : <p>{shorten(fault.trouble, 400)}</p>}
    </>
  );
}

function Faults({ faults }: { faults: readonly ReportedFault[] }): JSX.Element {
  if (faults.length === 0) return <p>Nothing was injected.</p>;
  return (
    <Table
      caption="Faults from proof to heal"
      head={['Fault', 'Targets', 'Effect', 'End', 'Proof of the radius']}
      rows={faults.map((fault) => [
        <>
          <strong>{shorten(fault.step, 60)}</strong>
          <span class="quiet block">{shorten(fault.fault, 60)}</span>
        </>,
        <Name length={200}>{fault.targets.join(', ') || 'none'}</Name>,
        <SeenText seen={fault.verified} />,
        <HealedText fault={fault} />,
        <details>
          <summary>{plural(fault.proof.length, 'line')}</summary>
          <ul>
            {fault.proof.slice(0, 50).map((line) => (
              <li>{shorten(line, 300)}</li>
            ))}
          </ul>
        </details>,
      ])}
    />
  );
}

function Leftovers({ leftovers }: { leftovers: readonly ReportedLeftover[] }): JSX.Element | null {
  if (leftovers.length === 0) return null;
  return (
    <Table
      caption="Left behind"
      head={['Object', 'System', 'Created by', 'Now', 'Why']}
      rows={leftovers.map(({ name, system, createdBy, swept, fault, says }) => [
        <Name length={100}>{name}</Name>,
        system,
        <Name length={80}>{createdBy}</Name>,
        <Mark kind={swept ? 'pass' : 'fail'}>
          {swept ? 'swept' : `left by ${fault === 'ours' ? 'Squall' : 'the cloud'}`}
        </Mark>,
        shorten(says, 300),
      ])}
    />
  );
}

/** Each fault from proof to heal, and what is left behind. */
export const healingSection: PageSection = {
  id: 'healing',
  title: 'Healing record',
  wide: true,
  lead: () => 'Effects and heals are looked at from the users’ side, not asked of the injector.',
  render: ({ document: { faults, openFaults, leftovers } }) => (
    <>
      {openFaults.length > 0 ? (
        <p class="alarm" role="note">
          <Mark kind="fail">Still open</Mark> {shorten(openFaults.join(', '), 300)}. Run{' '}
          <code>squall heal</code>.
        </p>
      ) : null}
      <Faults faults={faults} />
      <Leftovers leftovers={leftovers} />
    </>
  ),
};
