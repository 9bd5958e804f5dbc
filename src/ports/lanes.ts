import type {
  CaseDeclaration,
  CaseResult,
  ConformanceStage,
  LedgerEntry,
  SuiteFile,
} from '../model/conformance.ts';
import type { Ability } from '../model/abilities.ts';
import type { Duration } from '../model/duration.ts';
import type { SuiteSelection } from '../model/plan.ts';
import type { LabConnection, TestImage } from './lab.ts';

/** What a lane process is told when it starts. */
export interface LaneAssignment {
  readonly run: string;
  readonly lane: number;
  readonly stage: ConformanceStage;
  /** `strict` fails on the first wrong answer; `recording` notes it and goes on where the case allows. */
  readonly client: 'strict' | 'recording';
  readonly connection: LabConnection;
  readonly abilities: readonly Ability[];
  /** Present where the ability `test-image` is. */
  readonly testImage?: TestImage;
  readonly selection: SuiteSelection;
  /** Where Allure results go; absent: none. */
  readonly allureFolder?: string;
  readonly caseTimeout: Duration;
}

export type ToLane =
  /** Answered with `planned` and `file-done`; nothing runs. */
  | { readonly kind: 'list'; readonly file: SuiteFile }
  | { readonly kind: 'run'; readonly file: SuiteFile; readonly round: number }
  /** Finish the case that runs and leave; with `now`, end that case too, so that only its cleaning up is waited for. */
  | { readonly kind: 'stop'; readonly now?: boolean };

export type FromLane =
  | { readonly kind: 'ready' }
  /** Sent before the first case of the file runs: what must be in the results, whatever happens. */
  | { readonly kind: 'planned'; readonly suite: string; readonly cases: readonly CaseDeclaration[] }
  | { readonly kind: 'started'; readonly id: string }
  | { readonly kind: 'result'; readonly result: CaseResult }
  | { readonly kind: 'creating'; readonly entry: LedgerEntry }
  | { readonly kind: 'created'; readonly entry: LedgerEntry }
  | { readonly kind: 'deleted'; readonly entry: LedgerEntry }
  | { readonly kind: 'file-done'; readonly suite: string }
  | { readonly kind: 'file-failed'; readonly suite: string; readonly says: string };

/** A worker process that runs suite files, in a session of its own so that Ctrl-C does not reach it. */
export interface Lane {
  send(message: ToLane): void;
  onMessage(listener: (message: FromLane) => void): void;
  /** Resolves when the process is gone, with what it said last on its error output. */
  readonly exited: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly says: string;
  }>;
  kill(): void;
}

export interface LaneLauncher {
  launch(assignment: LaneAssignment): Lane;
}
