import type { CaseOutcome, CaseTag } from '../model/conformance.ts';
import type { Duration } from '../model/duration.ts';
import type { OpenStackApi } from './openstack.ts';

/** A body of tests of somebody else's that runs against a cloud in a program of its own, beside Squall's suites. */
export interface SuiteEngine {
  /** `tempest`; also the stage that its results are of. */
  readonly name: 'tempest';
  /**
   * Makes it ready to run against that cloud: installs it where it is not, and writes its configuration.
   * @param report told what takes long, in whole sentences.
   * @throws SQ_ENGINE where it cannot be installed or does not start; SQ_CLOUDS_YAML where it cannot use the credentials.
   */
  open(order: EngineOrder, report: (says: string) => void, signal: AbortSignal): Promise<OpenEngine>;
}

export interface EngineOrder {
  /** The cloud, as the user that was given. */
  readonly openstack: OpenStackApi;
  /** How every name begins that it gives to what it creates, without the dash after it. */
  readonly prefix: string;
  /** Of one test, which the engine itself ends after it. */
  readonly testTimeout: Duration;
}

/** One test, as the engine knows it. */
export interface EngineTest {
  /** By which the engine takes it, such as `tempest.api.x.ClassY.test_z[id-1234,smoke]`. */
  readonly id: string;
  /** The same without tags: what `covers` of a case of ours says. */
  readonly name: string;
  /** Stable for ever; of the case that is reported for it. */
  readonly case: string;
  /** The class that it belongs to, whose set-up it shares; of the case that is reported for it. */
  readonly suite: string;
  readonly title: string;
  readonly tags: readonly CaseTag[];
}

/** What was heard of one test, with the wall clock's milliseconds since 1970. */
export type EngineEvent =
  | { readonly kind: 'started'; readonly test: string; readonly atMs: number }
  | {
      readonly kind: 'ended';
      readonly test: string;
      readonly outcome: CaseOutcome;
      /** Why it did not pass. */
      readonly reason?: string;
      /** Its traceback and the calls that it made, with secrets masked. */
      readonly details?: string;
      readonly startedMs: number;
      readonly endedMs: number;
      /** Which of the workers ran it, from 1. */
      readonly worker: number;
    }
  /** Something that no planned test stands for did not pass, such as taking away what the tests of a class made. */
  | {
      readonly kind: 'besides';
      readonly case: string;
      readonly suite: string;
      readonly title: string;
      readonly outcome: 'failed' | 'unknown';
      readonly reason: string;
      readonly details?: string;
      readonly startedMs: number;
      readonly endedMs: number;
    };

/** How its program ended. A test that nothing was heard of is unknown, whatever this says. */
export interface EngineEnd {
  /** Absent when it came to its end in good order. One whole sentence, with secrets masked. */
  readonly trouble?: string;
}

export interface OpenEngine {
  /** Such as `Tempest 47.0.0`. */
  readonly version: string;
  /** What whoever reads its results should know of how it was configured, in whole sentences. */
  readonly notes: readonly string[];
  /** More workers than this cannot be used. Absent: any number. */
  readonly mostWorkers?: number;
  /** All its tests. @throws SQ_ENGINE when they cannot be listed. */
  tests(signal: AbortSignal): Promise<readonly EngineTest[]>;
  /** Runs these tests to their end and never throws for what becomes of them. Ends its processes when the signal aborts. */
  run(
    tests: readonly EngineTest[],
    order: { readonly workers: number; readonly heard: (event: EngineEvent) => void },
    signal: AbortSignal,
  ): Promise<EngineEnd>;
  /** Removes its configuration. Nothing of it stays but the installed program. */
  close(): Promise<void>;
}
