import type { Trace } from '../match-trace.ts';
import type { SamplePlanes } from './timeline/sample-code.ts';

/** What the page's script needs besides the page itself. */
export interface PageData {
  readonly traces: readonly Trace[];
  /** In the order of the lanes; null where the samples of a probe were not found. Empty when there are too many for a page. */
  readonly samples: readonly (SamplePlanes | null)[];
}
