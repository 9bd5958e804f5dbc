import type { Ability } from './abilities.ts';

/**
 * One parameter of a fault, a probe or an objective, as data: the plan loader builds its schema from it, and the reference
 * tables are printed from it. Nothing outside `plan/` needs to know how a plan is written.
 */
export interface ParameterSpec {
  readonly type:
    'duration' | 'integer' | 'number' | 'percent' | 'string' | 'boolean' | 'enum' | 'strings' | 'limit';
  /** One line: meaning, unit, and from when a time counts. */
  readonly describe: string;
  readonly required?: boolean;
  /** Written as in a plan, such as `"30s"` or `5`. */
  readonly default?: string | number | boolean | readonly string[];
  /** The choices of an `enum`. */
  readonly values?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/**
 * A checked parameter. Durations are `Duration`, percentages are ratios from 0 to 1, and a `limit` is a duration or a multiple
 * of the predicted recovery.
 */
export type ParameterValue = string | number | boolean | readonly string[] | { readonly ms: number } | Limit;

export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** A limit of an objective: so long, or so many times the upper edge of the predicted window. Written `30s` or `1.5 x predicted`. */
export type Limit = { readonly ms: number } | { readonly timesPredicted: number };

export interface CatalogueEntry {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly parameters: ParameterSpecs;
}

export interface FaultEntry extends CatalogueEntry {
  readonly needs: readonly Ability[];
  /** What its selector chooses. */
  readonly acts: FaultSubject;
  /** True when it holds for its `duration`; false when it is over in a moment, such as a pod's deletion. */
  readonly lasts: boolean;
}

/** What a fault acts on, and so what a selector is resolved to. */
export type FaultSubject = 'pod' | 'node' | 'unit' | 'link';

/** What a plan may name: the only thing that the plan loader knows of the stages. */
export interface Catalogue {
  readonly faults: readonly FaultEntry[];
  readonly probes: readonly CatalogueEntry[];
  readonly watchers: readonly CatalogueEntry[];
  readonly objectives: readonly CatalogueEntry[];
}
