import type { Catalogue } from '../model/catalogue.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { PlanSource } from './plan-source.ts';
import type { Finding } from './problem.ts';

/** One way to write a plan. A new one is one file in `formats/` and one line in `plan-formats.ts`. */
export interface PlanFormat {
  readonly apiVersion: string;
  readonly kind: string;
  /** Adds a finding for each mistake, and reads what it can all the same. */
  read(source: PlanSource, catalogue: Catalogue, findings: Finding[]): PlanDraft;
  /** JSON Schema, draft-07, of what may be written. */
  schema(catalogue: Catalogue): Readonly<Record<string, unknown>>;
}
