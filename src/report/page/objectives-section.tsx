import type { JSX } from 'preact';
import type { ReportDocument } from '../report-document.ts';
import { shorten } from '../wording.ts';
import { ErrorText, FigureText, Name, Section, Table, TruthMark } from './elements.tsx';

/** Each rule of the plan: what it expects, what was found, and how sure that is. */
export function ObjectivesSection({ objectives }: ReportDocument): JSX.Element {
  return (
    <Section id="objectives" title="Objectives">
      {objectives.length === 0 ? (
        <p>The plan states no objective, or the run ended before one could be judged.</p>
      ) : (
        <Table
          caption="Objectives"
          head={['Verdict', 'Objective', 'Expected', 'Found', 'Measured', 'Error']}
          numeric={[4, 5]}
          rows={objectives.map(({ id, truth, expected, found, figure }, index) => [
            <TruthMark truth={truth} />,
            <Name length={80}>{id}</Name>,
            shorten(expected, 200),
            shorten(found, 200),
            figure === undefined ? (
              <span class="quiet">none</span>
            ) : (
              <FigureText figure={figure} at={`/objectives/${index}/figure`} />
            ),
            <ErrorText figure={figure} />,
          ])}
        />
      )}
    </Section>
  );
}
