import type { Analysis } from '../model/analysis.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Verdict } from '../model/verdict.ts';

/** All that a report is made from: what was found, what it amounts to, and what is concluded. */
export interface ReportInput {
  readonly evidence: Evidence;
  readonly analysis: Analysis;
  readonly verdict: Verdict;
}

/** One of several files of a report. */
export interface RenderedFile {
  /** Relative to the run folder. */
  readonly file: string;
  readonly content: string;
}

/** One format in which a run is told. A pure function of its input: the same run gives the same bytes whenever it is rendered. */
export interface Reporter {
  readonly name: string;
  /** The file that it writes, relative to the run folder. */
  readonly file: string;
  /** The input is already clean: secrets are masked and control characters are gone. */
  render(input: ReportInput): string | Uint8Array | Promise<string | Uint8Array>;
}

/** A format of several files. */
export interface FolderReporter extends Pick<Reporter, 'name'> {
  /** The folder that they are in, or the one file that it may be, relative to the run folder. */
  readonly file: string;
  /** Nothing where the run has nothing to tell in this format. */
  renderAll(input: ReportInput): readonly RenderedFile[];
}
