import type { JSX } from 'preact';
import type { ReportDocument } from '../report-document.ts';
import { shorten } from '../wording.ts';

const SENTENCE_LENGTH = 600;

/** What is not real in this run; a reader must see it before any figure. */
export function DisclosureSection({ disclosures }: ReportDocument): JSX.Element | null {
  if (disclosures.length === 0) return null;
  return (
    <section class="disclosures" aria-labelledby="disclosures">
      <h2 id="disclosures">What is not real here, or allowed on purpose</h2>
      <ul>
        {disclosures.map((says) => (
          <li>{shorten(says, SENTENCE_LENGTH)}</li>
        ))}
      </ul>
    </section>
  );
}
