import type { CaseOutcome } from './conformance.ts';
import type { History } from './history.ts';
import type { ClockId, InstantRange } from './instant.ts';
import type { ProbePart } from './plan.ts';
import type { PredictedWindow } from './schedule.ts';
import type { Figure } from './verdict.ts';

/** What the evidence amounts to: a pure function of it. `analysis.json` in the run folder. */
export interface Analysis {
  readonly schemaVersion: 1;
  /** The stretch that is judged: from the first planned sample to the last. */
  readonly window: { readonly fromNs: number; readonly toNs: number };
  readonly probes: readonly ProbeAnalysis[];
  readonly recoveries: readonly Recovery[];
  /** All probes together, each as one user. Absent in runs of an older Squall, and without probes. */
  readonly users?: UserUptime;
  /** Clocks of probers elsewhere that are related to the run's. Absent where there is none. */
  readonly clocks?: readonly ClockRelation[];
  /** One for each question that several probers asked of one endpoint. Absent where there is none. */
  readonly together?: readonly Together[];
  /** One for each probe that remembers its writes. Absent where there is none. */
  readonly durability?: readonly Durability[];
  /** Absent where the plan asked for none, or it did not come to its end. */
  readonly calibration?: Calibration;
  /** This run beside the last ones. Absent where the evidence has none. */
  readonly history?: History;
  readonly conformance: readonly StageCounts[];
  /** Squall's cases beside the upstream tests that they cover. Absent where not both were run in this call. */
  readonly agreement?: Agreement;
}

export interface Agreement {
  /** Such as `Tempest 47.0.0`. */
  readonly engine: string;
  /** One for each upstream test that was planned, by its name. */
  readonly rows: readonly AgreementRow[];
}

export interface AgreementRow {
  /** The upstream name. */
  readonly test: string;
  /** Ids of Squall's cases that cover it and were planned; empty where there is none. */
  readonly cases: readonly string[];
  /** The worst of those cases; `not run` where there is none. */
  readonly own: CaseOutcome | 'not run';
  readonly theirs: CaseOutcome | 'not run';
  /** Compared only where each side passed or failed. */
  readonly says: 'agree' | 'differ' | 'not compared';
  /** Why it was not compared, where somebody said so. */
  readonly why?: string;
}

/** Uptime as users have it: the time that was up of all users over the time that was up or down of all users. */
export interface UserUptime {
  readonly uptime: Figure;
  /** The worst of any window of that length, shortest first. */
  readonly windows: readonly WindowedUptime[];
}

export interface WindowedUptime {
  readonly windowMs: number;
  readonly worst: Figure;
}

/**
 * A stretch in which a probe was up, down or unseen. An edge is known to lie in its range; intervals of one probe never overlap
 * and cover the window.
 */
export interface Interval {
  readonly state: 'up' | 'down' | 'unseen';
  readonly start: InstantRange;
  readonly end: InstantRange;
  readonly impaired: boolean;
  /**
   * It is unseen because a pod of ours at one end of a way between nodes did not answer, after the plan had hurt its node: no outage
   * of the way, and nobody's fault. Absent: it is not.
   */
  readonly away?: true;
  /** Samples inside. */
  readonly samples: number;
  /** The most frequent phase of failure while down. */
  readonly phase?: string;
}

export interface ProbeAnalysis {
  readonly probe: string;
  readonly endpoint: string;
  /** Which way of a probe between nodes it is. Absent: it stands in the plan itself. */
  readonly part?: ProbePart;
  readonly intervals: readonly Interval[];
  /** Up over up + down, by time; unseen time counts in neither, and is in the error through `unseenRatio`. */
  readonly availability: Figure;
  /** Good answers over all answers. */
  readonly requestRatio: Figure;
  /** The worst availability of any window of that length, shortest first. Absent in runs of an older Squall. */
  readonly windows?: readonly WindowedUptime[];
  readonly longestOutage: Figure;
  readonly totalOutage: Figure;
  readonly outages: number;
  /** The share of time that nobody saw, without `awayRatio`. */
  readonly unseenRatio: number;
  /** The share of time that is `away`. Absent: none. */
  readonly awayRatio?: number;
  readonly impairedRatio: number;
  readonly samples: number;
  readonly failures: number;
  /** Of answered requests, from sent to completed, in milliseconds. */
  readonly latencyMs: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
  };
  /** How late the prober itself sent, in milliseconds. */
  readonly latenessMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** What one fault cost its users, and how long the way back took. */
export interface Recovery {
  readonly injection: string;
  readonly step: string;
  readonly fault: string;
  /** The longest outage of any probe that began before our healing did, or before the next fault; zero when none was seen. */
  readonly outage: Figure;
  /** Probes that were down, worst first. */
  readonly felt: readonly { readonly probe: string; readonly outage: Figure }[];
  /** From the effect of the fault until every probe was up for good; absent when that was not reached. */
  readonly serviceBack?: Figure;
  /** The longest outage that began with or after our healing, before the next fault; absent when there was none. */
  readonly onReturn?: Figure;
  /** From the effect of the fault until full redundancy was back; absent when no watcher saw it. */
  readonly redundancyBack?: Figure;
  /**
   * From the effect of the fault until every probe that felt it was answered as fast as before the first fault, for good; absent
   * when that could not be shown.
   */
  readonly performanceBack?: Figure;
  readonly phases: readonly Phase[];
  readonly predicted?: PredictedWindow;
  /** Where the measured outage lies relative to the predicted window; unknown when the probe rate cannot resolve it. */
  readonly againstPrediction: 'inside' | 'shorter' | 'longer' | 'unknown';
}

/** All instants of `clock` were moved to the clock `to`, and every edge was widened by the error. */
export interface ClockRelation {
  readonly clock: ClockId;
  readonly to: ClockId;
  readonly exchanges: number;
  /** The most by which an instant may be wrong, either way. */
  readonly errorMs: number;
}

/** What several probers saw of one endpoint, which none of them saw so exactly. */
export interface Together {
  readonly endpoint: string;
  readonly probes: readonly string[];
  readonly intervals: readonly Interval[];
  readonly longestOutage: Figure;
  /**
   * For how long one saw it down while another saw it up: an outage of the way to it, or of one server of several. While there
   * is any of that, `intervals` tells of no system that all of them saw.
   */
  readonly disagreed: Figure;
}

/** At which rates the system answered as fast as at the lowest, before anything was hurt. `calibration.json` as well. */
export interface Calibration {
  readonly rungs: readonly CalibratedRung[];
  /** Whether the plan's own rate leaves the system as it is. */
  readonly planned: CalibratedRung['state'];
  /** The highest rate up to which every rung was flat, and what it resolves. Absent: no rung above the lowest was shown to be flat. */
  readonly flatUpTo?: {
    readonly times: number;
    readonly perSecond: number;
    readonly probes: readonly Resolution[];
  };
}

export interface CalibratedRung {
  /** As a multiple of the plan's own rate. */
  readonly times: number;
  /** Requests a second, of all calibrated probes. */
  readonly perSecond: number;
  /**
   * `reference` is the lowest rate, with which the others are compared. `flat`: every probe was surely answered as fast as there;
   * `not-flat`: one was surely slower, or failed; `unknown`: neither can be shown.
   */
  readonly state: 'reference' | 'flat' | 'not-flat' | 'unknown';
  /** Why, in a sentence; empty for the reference. */
  readonly says: string;
}

/** What a probe can tell at a rate. */
export interface Resolution {
  readonly probe: string;
  readonly everyMs: number;
  /** An outage that lasts longer is never missed. */
  readonly surelySeenMs: number;
  /** The range of an outage's length is no wider than this, in 99 of 100. */
  readonly bracketMs: number;
}

/** What became of the writes of one probe. */
export interface Durability {
  readonly probe: string;
  /** Writes that the system said it has. */
  readonly acknowledged: number;
  /** Acknowledged writes, by the number of their sample, that were not there when they were read back. */
  readonly lost: readonly number[];
  /** Acknowledged writes that nobody could look for. */
  readonly unread: number;
  /** Writes without an answer, or with a wrong one: each may be there or not. */
  readonly indefinite: number;
  readonly indefiniteFound: number;
  /** Why some could not be looked for. */
  readonly trouble?: string;
}

export interface Phase {
  readonly name:
    'impact' | 'noticed' | 'ejected' | 'elected' | 'answers' | 'redundant' | 'performance' | 'unattributed';
  readonly start: InstantRange;
  readonly end: InstantRange;
  /** The watcher's event or the probe's edge that it stands on. */
  readonly source: string;
}

export interface StageCounts {
  readonly stage: string;
  readonly planned: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly unknown: number;
  /** Wrong answers that the recording client noted. */
  readonly troubles: number;
}
