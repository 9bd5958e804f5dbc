import { shorten } from '../wording.ts';
import { Name } from './elements.tsx';
import type { PageSection } from './page-content.ts';

const COMMAND_LENGTH = 2000;

/** The commands that tell this run again. */
export const repeatSection: PageSection = {
  id: 'repeat',
  title: 'Repeat this run',
  wide: true,
  render({ document: { repeat, run } }) {
    const steps: readonly (readonly [string, string])[] = [
      ['The same plan with the same seed', repeat.run],
      ['The verdict again, from the stored evidence', repeat.judge],
      ['This report again', repeat.report],
    ];
    return (
      <>
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
      </>
    );
  },
};
