import type { JSX } from 'preact';
import { traceFigures } from '../trace-figures.ts';
import { shorten } from '../wording.ts';
import { Name, Table } from './elements.tsx';
import type { PageSection } from './page-content.ts';

const MOST_FILES = 6;

function Files({ files }: { files: readonly string[] }): JSX.Element {
  return (
    <>
      {files.slice(0, MOST_FILES).map((file, index) => (
        <>
          {index > 0 ? ' ' : ''}
          <Name length={70}>{file}</Name>
        </>
      ))}
      {files.length > MOST_FILES ? <span class="quiet"> and {files.length - MOST_FILES} more</span> : null}
    </>
  );
}

/** Where to look for the evidence of any figure. */
export const evidenceSection: PageSection = {
  id: 'evidence',
  title: 'Where the evidence lies',
  wide: true,
  lead: () =>
    'Everything is in files beside this page, in the run folder. Every number of the page is one of report.json; choose a number to see which, and what it was computed from.',
  render({ document }) {
    return (
      <>
        <dl class="files">
          {document.files.map(({ name, holds }) => (
            <div>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>{holds}</dd>
            </div>
          ))}
        </dl>
        <details>
          <summary>For every number: its place in report.json, and the files behind it</summary>
          <Table
            caption="Numbers and the files behind them"
            head={['In report.json below', 'Computed from', 'How']}
            rows={traceFigures(document).map(({ below, files, how }) => [
              <Name length={80}>{below}</Name>,
              <Files files={files} />,
              shorten(how, 300),
            ])}
          />
        </details>
      </>
    );
  },
};
