import type { Ability } from './abilities.ts';
import type { Instant } from './instant.ts';

export const CASE_TAGS = ['smoke', 'read', 'write', 'negative', 'admin', 'scenario'] as const;
export type CaseTag = (typeof CASE_TAGS)[number];

/**
 * `before` and `after` use the strict client, `during` the recording one; `alone` is `squall test`, and `tempest` what the real
 * Tempest ran there.
 */
export type ConformanceStage = 'before' | 'during' | 'after' | 'alone' | 'step' | 'tempest';

/** One conformance test, as declared. */
export interface CaseDeclaration {
  /** Stable for ever and unique: `<service>/<behaviour>/<case>`; rates over time are computed by it. */
  readonly id: string;
  readonly title: string;
  readonly tags: readonly CaseTag[];
  readonly needs: readonly Ability[];
  /** The upstream tests that it covers, by their own names. */
  readonly covers: readonly string[];
}

/** One file of `suites/`, or of the user's own. */
export interface SuiteFile {
  /** `<service>/<behaviour>`. */
  readonly name: string;
  readonly path: string;
}

export type CaseOutcome = 'passed' | 'failed' | 'skipped' | 'unknown';

/** One run of one case. Cases run must equal cases planned; whatever did not finish is `unknown` with its reason. */
export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly suite: string;
  readonly tags: readonly CaseTag[];
  /** As declared; absent when it covers none. */
  readonly covers?: readonly string[];
  readonly stage: ConformanceStage;
  /** Counts from 1; more than one only where a suite is repeated during faults. */
  readonly round: number;
  readonly outcome: CaseOutcome;
  /** Why it failed, was skipped or is unknown; absent when passed. */
  readonly reason?: string;
  /** Stack and diff of a failure, with secrets masked. */
  readonly details?: string;
  readonly started: Instant;
  readonly ended: Instant;
  readonly lane: number;
  /** Wrong answers that the recording client noted and went on from. */
  readonly troubles: readonly Trouble[];
}

/** One wrong answer or failed request, noted by the recording client. */
export interface Trouble {
  readonly at: Instant;
  readonly tookMs: number;
  readonly method: string;
  readonly url: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly phase: string;
  readonly requestId?: string;
  readonly says: string;
}

export interface ConformanceResults {
  readonly stage: ConformanceStage;
  readonly planned: readonly CaseDeclaration[];
  readonly results: readonly CaseResult[];
  readonly started: Instant;
  readonly ended: Instant;
  readonly lanes: number;
  /** Whose tests they are, and what to know of how they were run, in whole sentences. Absent: Squall's own. */
  readonly engine?: { readonly version: string; readonly notes: readonly string[] };
}

/** What a suite or probe created, written down before it is created. */
export interface LedgerEntry {
  readonly system: 'kubernetes' | 'openstack';
  /** The collection's path, such as `/api/v1/namespaces`, or `compute:/servers`. */
  readonly collection: string;
  /** The name under which it is created; carries the owner tag of the run. */
  readonly name: string;
  /** Known once the answer is there. */
  readonly id?: string;
  readonly createdBy: string;
}

/** What was found left after the run, and what became of it. */
export interface Leftover {
  readonly entry: LedgerEntry;
  /** `cloud`: we asked for its deletion and it stayed all the same; `ours`: we could not delete it. */
  readonly fault: 'cloud' | 'ours';
  readonly swept: boolean;
  readonly says: string;
}
