import type { Ability } from '../model/abilities.ts';
import type { Calibration, UserUptime, WindowedUptime } from '../model/analysis.ts';
import type { History } from '../model/history.ts';
import type { ProbePart } from '../model/plan.ts';
import type { Figure, ObjectiveResult, Reason, Truth, VerdictClass } from '../model/verdict.ts';

/** Version of `report.json`. It grows by adding fields; a field that changes its meaning raises it. */
export const REPORT_SCHEMA_VERSION = 1;

/** A moment in milliseconds since the start of the run, known to lie between the two numbers. */
export type MomentMs = readonly [earliest: number, latest: number];

/**
 * `report.json`: all that a report says about a run, as data. The page, the summary and the terminal are made from it, so a figure
 * cannot differ between them. Times are milliseconds since the start of the run; documented in `docs/run-folder.md`.
 */
export interface ReportDocument {
  readonly schemaVersion: typeof REPORT_SCHEMA_VERSION;
  readonly verdict: ReportedVerdict;
  readonly glance: Glance;
  readonly run: ReportedRun;
  readonly disclosures: readonly string[];
  /** The stretch that is judged; absent when nothing was measured. */
  readonly windowMs?: readonly [from: number, to: number];
  readonly objectives: readonly ObjectiveResult[];
  readonly faults: readonly ReportedFault[];
  readonly recoveries: readonly ReportedRecovery[];
  readonly probes: readonly ReportedProbe[];
  /** All probes together, each as one user; absent in runs of an older Squall, and without probes. */
  readonly users?: UserUptime;
  /** What became of writes that probes remember; absent where none does. */
  readonly durability?: readonly ReportedDurability[];
  /** At which rates the system still answered evenly; absent where the plan asked for no calibration. */
  readonly calibration?: Calibration;
  /** This run beside the last ones of the same plan and subject; absent where nobody looked. */
  readonly history?: ReportedHistory;
  readonly stages: readonly ReportedStage[];
  readonly events: readonly ReportedEvent[];
  /** Stretches in which the prober itself was blocked. */
  readonly stallsMs: readonly MomentMs[];
  readonly leftovers: readonly ReportedLeftover[];
  readonly openFaults: readonly string[];
  readonly topology?: ReportedTopology;
  readonly subject?: ReportedSubject;
  readonly repeat: Repeat;
  /** Where the evidence lies, by file name inside the run folder. */
  readonly files: readonly { readonly name: string; readonly holds: string }[];
}

export interface ReportedVerdict {
  readonly truth: Truth;
  readonly headline: string;
  readonly class?: VerdictClass;
  readonly exitCode: number;
  readonly exitMeaning: string;
  readonly reasons: readonly Reason[];
}

/** The figures that answer in ten seconds: what hurt most, for how long, and whether all is mended. */
export interface Glance {
  readonly longestOutage?: { readonly probe: string; readonly figure: Figure };
  readonly lowestAvailability?: { readonly probe: string; readonly figure: Figure };
  readonly cases: CaseCounts;
  readonly faults: { readonly injected: number; readonly owed: number; readonly healed: number };
}

export interface CaseCounts {
  readonly planned: number;
  readonly passed: number;
  readonly failed: number;
  /** For whatever reason. */
  readonly skipped: number;
  /** Of those that were skipped, how many the lab cannot run: it lacks an ability that they need. */
  readonly notForLab: number;
  /** Of those that were skipped, how many have any other reason. */
  readonly skippedOtherwise: number;
  readonly unknown: number;
}

export interface ReportedRun {
  readonly id: string;
  readonly plan: string;
  readonly learns: string;
  readonly lab: string;
  readonly seed: string;
  readonly startedWall: string;
  readonly tookMs: number;
  readonly squall: { readonly version: string; readonly commit?: string };
  readonly node: string;
  readonly host: string;
  readonly commandLine: readonly string[];
  readonly end: {
    readonly reason: string;
    readonly signal?: string;
    readonly error?: { readonly code: string; readonly says: string; readonly remedy: string };
    readonly furtherErrors: readonly string[];
  };
  /** Why the method ended early; absent when it did not. */
  readonly stopped?: { readonly by: string; readonly says: string };
}

export interface ReportedFault {
  readonly id: string;
  readonly step: string;
  readonly fault: string;
  readonly targets: readonly string[];
  readonly from: readonly string[];
  readonly lasts: boolean;
  readonly end: string;
  /** From the command sent to the effect seen. */
  readonly injectedMs?: MomentMs;
  /** From the heal sent to the heal seen. */
  readonly healedMs?: MomentMs;
  readonly verified?: Seen;
  readonly verifiedHealed?: Seen & { readonly differences: readonly string[] };
  readonly proof: readonly string[];
  readonly trouble?: string;
}

export interface Seen {
  readonly ok: boolean;
  readonly says: string;
}

export interface ReportedRecovery {
  readonly injection: string;
  readonly step: string;
  readonly fault: string;
  readonly outage: Figure;
  readonly felt: readonly { readonly probe: string; readonly outage: Figure }[];
  readonly serviceBack?: Figure;
  readonly redundancyBack?: Figure;
  /** Until every probe that felt it was answered as fast as before the first fault. */
  readonly performanceBack?: Figure;
  /** The longest outage that came with our healing. */
  readonly onReturn?: Figure;
  readonly againstPrediction: string;
  readonly predicted?: {
    readonly outage: Figure;
    readonly redundancy: Figure;
    readonly because: readonly string[];
  };
  readonly phases: readonly {
    readonly name: string;
    readonly startMs: MomentMs;
    readonly endMs: MomentMs;
    readonly source: string;
  }[];
}

export interface ReportedProbe {
  readonly probe: string;
  readonly endpoint: string;
  /** Where it looks from, and how often it asks; absent when its samples were not found. */
  readonly vantage?: string;
  /** Which way of a probe between nodes it is; absent where it stands in the plan itself. */
  readonly part?: ProbePart;
  readonly everyMs?: number;
  readonly availability: Figure;
  readonly requestRatio: Figure;
  /** The worst availability of any window of that length, shortest first; absent in runs of an older Squall. */
  readonly windows?: readonly WindowedUptime[];
  readonly longestOutage: Figure;
  readonly totalOutage: Figure;
  readonly outages: number;
  readonly unseenRatio: number;
  /** The share of time in which a pod of ours at one end was away, after its node was hurt; absent where there was none. */
  readonly awayRatio?: number;
  readonly impairedRatio: number;
  readonly samples: number;
  readonly failures: number;
  readonly latencyMs: Percentiles & { readonly p95: number };
  readonly latenessMs: Percentiles;
  readonly intervals: readonly ReportedInterval[];
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface ReportedInterval {
  readonly state: 'up' | 'down' | 'unseen';
  readonly startMs: MomentMs;
  readonly endMs: MomentMs;
  readonly impaired: boolean;
  /** Unseen because a pod of ours was away, after its node was hurt: no outage, nor a part of one. */
  readonly away?: true;
  readonly samples: number;
  readonly phase?: string;
}

export interface ReportedStage extends CaseCounts {
  readonly stage: string;
  readonly troubles: number;
  readonly lanes?: number;
  readonly startedMs?: number;
  readonly tookMs?: number;
  /** Cases that did not pass; equal ones of several rounds are one entry. */
  readonly notPassed: readonly NotPassed[];
}

export interface NotPassed {
  readonly id: string;
  readonly title: string;
  readonly suite: string;
  readonly outcome: 'failed' | 'skipped' | 'unknown';
  readonly reason: string;
  readonly times: number;
}

export interface ReportedEvent {
  readonly atMs: MomentMs;
  readonly watcher: string;
  readonly change: string;
  readonly about: string;
  readonly was?: string;
  readonly is?: string;
}

export interface ReportedLeftover {
  readonly system: string;
  readonly name: string;
  readonly createdBy: string;
  readonly fault: 'cloud' | 'ours';
  readonly swept: boolean;
  readonly says: string;
}

export interface ReportedTopology {
  readonly lab: string;
  readonly owned: boolean;
  readonly systems: readonly {
    readonly name: string;
    readonly kind: string;
    readonly distribution: string;
    readonly version: string;
  }[];
  readonly nodes: readonly {
    readonly name: string;
    readonly roles: readonly string[];
    readonly readyBefore?: boolean;
    readonly readyAfter?: boolean;
    /** When the watchers saw it not ready. Absent: never. */
    readonly unreadyMs?: readonly Stretch[];
  }[];
  readonly services: number;
  readonly workloads: readonly ReportedWorkload[];
  readonly holders: readonly ReportedHolder[];
  readonly endpoints: readonly string[];
  readonly abilities: readonly Ability[];
  readonly missingAbilities: readonly { readonly ability: Ability; readonly reason: string }[];
  readonly timers: readonly { readonly name: string; readonly valueMs: number; readonly source: string }[];
}

/** A stretch whose ends are known to lie between two moments each; without an end it lasted until the watchers ended. */
export interface Stretch {
  readonly fromMs: MomentMs;
  readonly toMs?: MomentMs;
}

export interface ReportedWorkload {
  readonly id: string;
  readonly replicas: number;
  readonly readyBefore?: number;
  readonly readyAfter?: number;
}

/** Who held a lease, a leadership or an address. */
export interface ReportedHolder {
  readonly what: string;
  readonly before?: string;
  readonly after?: string;
  readonly moves: readonly { readonly atMs: MomentMs; readonly was?: string; readonly is?: string }[];
}

export interface ReportedHistory extends History {
  /** What is different from last time, a sentence each, what matters most first; empty for the first run of its kind. */
  readonly says: readonly string[];
}

export interface ReportedDurability {
  readonly probe: string;
  readonly acknowledged: number;
  readonly lost: number;
  readonly unread: number;
  readonly indefinite: number;
  readonly indefiniteFound: number;
}

export interface ReportedSubject {
  readonly images: readonly string[];
  readonly charts: readonly string[];
  readonly commit?: string;
  /** `<file> <digest>` of values files under test, and `<name> <value>` of what else was said of it. */
  readonly values?: readonly string[];
  readonly given?: readonly string[];
}

/** Commands that tell the same run again; they are meant for the run folder's place. */
export interface Repeat {
  readonly run: string;
  readonly judge: string;
  readonly report: string;
}
