import type { JSX } from 'preact';
import type { ReportDocument } from '../report-document.ts';
import { shorten } from '../wording.ts';
import { Name, Section } from './elements.tsx';

const COMMAND_LENGTH = 2000;

/** The commands that tell this run again. */
export function RepeatSection({ repeat, run }: ReportDocument): JSX.Element {
  const steps: readonly (readonly [string, string])[] = [
    ['The same plan with the same seed', repeat.run],
    ['The verdict again, from the stored evidence', repeat.judge],
    ['This report again', repeat.report],
  ];
  return (
    <Section id="repeat" title="Repeat this run">
      <dl class="commands">
        {steps.map(([says, command]) => (
          <div>
            <dt>{says}</dt>
            <dd>
              <pre>{shorten(command, COMMAND_LENGTH)}</pre>
            </dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        Squall {shorten(run.squall.version)}
        {run.squall.commit === undefined ? '' : ` at ${shorten(run.squall.commit, 40)}`}, Node{' '}
        {shorten(run.node)}, on <Name length={60}>{run.host}</Name>. It was called as{' '}
        <Name length={400}>{run.commandLine.join(' ')}</Name>.
      </p>
    </Section>
  );
}

/** Where to look for the evidence of any figure. */
export function EvidenceSection({ files }: ReportDocument): JSX.Element {
  return (
    <Section
      id="evidence"
      title="Where the evidence lies"
      wide
      lead="Files beside this page, in the run folder."
    >
      <dl class="files">
        {files.map(({ name, holds }) => (
          <div>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{holds}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
