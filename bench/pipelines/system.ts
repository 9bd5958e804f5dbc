import type { Place } from './place.ts';

export type Outcome = 'green' | 'yellow' | 'red' | 'again';

/** What a system made of one run of its definition. */
export interface Ended {
  readonly outcome: Outcome;
  /** All that it printed. */
  readonly says: string;
  /** Where the run folder is, if there is one. */
  readonly reports: string;
  /** Where it publishes JUnit results from, by the definition: files that are there. */
  readonly junit: readonly string[];
  /** Folders of Allure results, likewise. */
  readonly allure: readonly string[];
}

/** One CI system, with the definition of ours that it runs. */
export interface System {
  readonly name: string;
  /** What each occasion's plan is called there. */
  readonly plans: Readonly<Record<'gate' | 'nightly' | 'drill', string>>;
  /** What it promises to make of an exit code. */
  readonly promises: (code: number) => Outcome;
  /** True where it heals afterwards by itself. */
  readonly heals: boolean;
  /** Puts the definition where the system looks for it. */
  prepare(place: Place): void;
  /** Runs the whole definition, each line of it, for a plan by its name or file. */
  run(place: Place, plan: string): Promise<Ended>;
  /** The command line, as somebody beside the system uses it, such as to stop all runs. */
  beside(place: Place, args: readonly string[]): Promise<number>;
  /** Begins a run that holds a fault, and kills it while it does. */
  leaveOpenFault(place: Place): Promise<void>;
  release?(place: Place): Promise<void>;
}

export const byExitCode =
  (words: Readonly<Record<number, Outcome>>) =>
  (code: number): Outcome =>
    code === 0 ? 'green' : (words[code] ?? 'red');
