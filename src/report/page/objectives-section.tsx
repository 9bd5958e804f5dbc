import type { JSX } from 'preact';
import type { ObjectiveResult } from '../../model/verdict.ts';
import { shorten } from '../wording.ts';
import { ErrorText, FigureText, Name, Table, TruthMark } from './elements.tsx';
import type { PageSection } from './page-content.ts';

const MOST_REASONS = 5;

/** Why it is not a pass; the other reasons are with the verdict. */
function Against({ reasons, truth }: ObjectiveResult): JSX.Element | null {
  const against = reasons.filter((reason) => reason.truth !== 'pass');
  if (truth === 'pass' || against.length === 0) return null;
  return (
    <ul class="against">
      {against.slice(0, MOST_REASONS).map(({ says }) => (
        <li>{shorten(says, 300)}</li>
      ))}
    </ul>
  );
}

/** Each rule of the plan: what it expects, what was found, and how sure that is. */
export const objectivesSection: PageSection = {
  id: 'objectives',
  title: 'Objectives',
  wide: true,
  render({ document: { objectives } }) {
    if (objectives.length === 0)
      return <p>The plan states no objective, or the run ended before one could be judged.</p>;
    return (
      <Table
        caption="Objectives"
        head={['Verdict', 'Objective', 'Expected', 'Found', 'Error']}
        numeric={[4]}
        rows={objectives.map((objective, index) => [
          <TruthMark truth={objective.truth} />,
          <Name length={80}>{objective.id}</Name>,
          shorten(objective.expected, 200),
          <>
            {objective.figure === undefined ? (
              shorten(objective.found, 200)
            ) : (
              <FigureText figure={objective.figure} at={`/objectives/${index}/figure`} />
            )}
            <Against {...objective} />
          </>,
          <ErrorText figure={objective.figure} />,
        ])}
      />
    );
  },
};
