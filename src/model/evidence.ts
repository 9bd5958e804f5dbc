import type { ConformanceResults, Leftover } from './conformance.ts';
import type { Duration } from './duration.ts';
import type { EarlierRuns } from './history.ts';
import type { ChaosRecord } from './injection.ts';
import type { ClockExchange, Instant } from './instant.ts';
import type { CalibrationRung, ProbeSeries, Stall, WatchedEvent, WrittenBack } from './observation.ts';
import type { Plan } from './plan.ts';
import type { Schedule } from './schedule.ts';
import type { Topology } from './topology.ts';

/** Version of the run folder's layout. Readers for the version before are kept in `report/`. */
export const RUN_SCHEMA_VERSION = 1;

/** Who ran what, and how to run it again. `run.json` in the run folder. */
export interface RunRecord {
  readonly schemaVersion: typeof RUN_SCHEMA_VERSION;
  readonly id: string;
  readonly squall: { readonly version: string; readonly commit?: string };
  readonly node: string;
  readonly host: string;
  /** As typed, with secrets masked. */
  readonly commandLine: readonly string[];
  readonly lab: string;
  readonly seed: string;
  readonly started: Instant;
  /** UTC, ISO 8601 with milliseconds: relates the run's clock to the calendar. */
  readonly startedWall: string;
  /** How exactly the two above belong together. */
  readonly wallError: Duration;
}

/** What exactly was tested. `subject.json` in the run folder. */
export interface Subject {
  readonly schemaVersion: 1;
  readonly systems: readonly {
    readonly name: string;
    readonly kind: string;
    readonly version: string;
    readonly distribution: string;
  }[];
  readonly images: readonly string[];
  readonly charts: readonly { readonly name: string; readonly version: string; readonly revision?: string }[];
  /** Of the change under test, as it was said on the command line. */
  readonly commit?: string;
  /** Files of chart values under test, with `sha256:` of their bytes. Absent: none was named. */
  readonly values?: readonly { readonly file: string; readonly digest: string }[];
  /** Whatever else was said of it. Absent: nothing. */
  readonly given?: Readonly<Record<string, string>>;
}

/** What whoever starts a run says of what is tested; the rest is discovered. */
export type GivenSubject = Partial<Pick<Subject, 'images' | 'charts' | 'commit' | 'values' | 'given'>>;

/** How the run ended, apart from what it found. `end.json` in the run folder. */
export interface RunEnd {
  readonly ended: Instant;
  /** `complete`, or what cut it short. */
  readonly reason: 'complete' | 'refused' | 'not-steady' | 'stopped' | 'broken';
  readonly signal?: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'stop';
  /** The first error, never hidden by a later one. */
  readonly error?: {
    readonly code: string;
    readonly says: string;
    readonly remedy: string;
    readonly exitCode: number;
  };
  /** Errors after the first, such as of healing or collecting. */
  readonly furtherErrors: readonly string[];
  /** When the run was gone on with by another process, each time; what lies before each, back to the last sample, is unseen. */
  readonly resumed?: readonly Instant[];
}

/** All that one run found. Whatever is absent was not reached. Everything after it is a pure function of it. */
export interface Evidence {
  readonly run: RunRecord;
  readonly plan: Plan;
  readonly subject?: Subject;
  readonly topologyBefore?: Topology;
  readonly topologyAfter?: Topology;
  readonly schedule?: Schedule;
  readonly conformance: readonly ConformanceResults[];
  readonly chaos?: ChaosRecord;
  readonly series: readonly ProbeSeries[];
  readonly stalls: readonly Stall[];
  readonly events: readonly WatchedEvent[];
  /** How the clocks of probers elsewhere relate to the run's. Absent: all are on one host. */
  readonly clocks?: readonly ClockExchange[];
  /** Absent: no probe remembers its writes, or they were not read back. */
  readonly writes?: readonly WrittenBack[];
  /** Answers at several rates before anything was hurt, lowest first. Absent: the plan asked for no calibration. */
  readonly calibration?: readonly CalibrationRung[];
  /** Runs before this one. Absent: nobody looked, as in runs of an older Squall. */
  readonly history?: EarlierRuns;
  readonly leftovers: readonly Leftover[];
  /** Faults that were still open when the run ended, by entry id; anything here is exit 5. */
  readonly openFaults: readonly string[];
  readonly end: RunEnd;
}
