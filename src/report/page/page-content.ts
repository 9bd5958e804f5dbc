import type { ComponentChildren, JSX } from 'preact';
import type { ProbeSeries } from '../../model/observation.ts';
import type { ReportDocument } from '../report-document.ts';

/** All that a section may show. Figures come from the document; the samples are only drawn. */
export interface PageContent {
  readonly document: ReportDocument;
  readonly series: readonly ProbeSeries[];
  /** The start of the run on the clock of the series: moments of the document are counted from it. */
  readonly zeroNs: number;
}

/** One section of the page. */
export interface PageSection {
  /** Unique; links lead to it as `#id`. */
  readonly id: string;
  readonly title: string;
  /** A sentence that says how to read it. */
  readonly lead?: (content: PageContent) => ComponentChildren;
  /** Takes the whole width of a very wide screen. */
  readonly wide?: boolean;
  /** @returns null when the run has nothing of it; then the section is left out. */
  readonly render: (content: PageContent) => JSX.Element | null;
}
