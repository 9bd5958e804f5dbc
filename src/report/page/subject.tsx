import type { JSX } from 'preact';
import type { ReportedSubject } from '../report-document.ts';
import { plural } from '../wording.ts';
import { Name } from './elements.tsx';

const MOST = 100;

/** What exactly was tested: charts and images with their versions, and the commit. */
export function Subject({ subject }: { subject: ReportedSubject }): JSX.Element | null {
  const { charts, images, commit } = subject;
  if (charts.length + images.length === 0 && commit === undefined) return null;
  const list = (names: readonly string[]): JSX.Element => (
    <ul class="names">
      {names.slice(0, MOST).map((name) => (
        <li>
          <Name length={200}>{name}</Name>
        </li>
      ))}
    </ul>
  );
  return (
    <details>
      <summary>
        What was tested: {plural(charts.length, 'chart')}, {plural(images.length, 'image')}
      </summary>
      {commit === undefined ? null : (
        <p>
          Commit <Name length={60}>{commit}</Name>
        </p>
      )}
      {list(charts)}
      {list(images)}
    </details>
  );
}
