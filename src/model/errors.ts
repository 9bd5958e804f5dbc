import { EXIT, type ExitCode } from './exit-code.ts';

interface ErrorKind {
  /** What this kind of error is, in one line. */
  readonly meaning: string;
  /** What the reader can do about it; a message may carry a more exact one. */
  readonly remedy: string;
  readonly exitCode: ExitCode;
}

/**
 * Every error that Squall can end with. The codes are stable: they appear in reports and scripts match on them. A test checks
 * that each has a remedy and that the generated table in the documentation is this one.
 */
export const ERROR_CATALOGUE = {
  SQ_USAGE: {
    meaning: 'The command line was not understood.',
    remedy: 'See `squall --help`, or `squall <command> --help`.',
    exitCode: EXIT.refusedPlan,
  },
  SQ_PLAN_INVALID: {
    meaning: 'The plan has mistakes; all of them are listed with their places.',
    remedy:
      'Mend the places that are named; `squall schema` gives editors a schema that finds them as you type.',
    exitCode: EXIT.refusedPlan,
  },
  SQ_PLAN_UNREADABLE: {
    meaning: 'The plan file could not be read.',
    remedy: 'Check the path and its permissions; `squall list plans` names the plans that come with Squall.',
    exitCode: EXIT.refusedPlan,
  },
  SQ_CONFIG_INVALID: {
    meaning: 'The configuration file or an environment variable of Squall has mistakes.',
    remedy: 'Mend the places that are named.',
    exitCode: EXIT.refusedPlan,
  },
  SQ_ABILITY_MISSING: {
    meaning: 'The plan asks for something that the lab cannot do.',
    remedy:
      'Use a lab that has the ability, or take the step out of the plan; `squall doctor` lists abilities and remedies.',
    exitCode: EXIT.refusedPlan,
  },
  SQ_TARGET_NONE: {
    meaning: 'A selector matches nothing.',
    remedy:
      'Use names that are there: `squall doctor` lists the roles, services and units of a lab that is up.',
    exitCode: EXIT.refusedState,
  },
  SQ_TARGET_AMBIGUOUS: {
    meaning: 'A selector is empty or so wide that it names everything.',
    remedy: 'Name at least a role, a service, a workload or a node.',
    exitCode: EXIT.refusedPlan,
  },
  SQ_RADIUS_REFUSED: {
    meaning: 'A fault would hurt more than is proved safe: a quorum, a minimum or a limit would be broken.',
    remedy:
      'Lower `mode` and `value`, wait for `recovered` between steps, or let a broken member come back first.',
    exitCode: EXIT.refusedState,
  },
  SQ_TARGET_CHANGED: {
    meaning: 'A target was replaced between the proof and the act.',
    remedy: 'Run again; if it happens each time, something else restarts that target.',
    exitCode: EXIT.refusedState,
  },
  SQ_NOT_STEADY: {
    meaning: 'The system was not steady before the first fault, so nothing was injected.',
    remedy: 'Mend the system first; the failed cases and probes are in the report.',
    exitCode: EXIT.refusedState,
  },
  SQ_KUBECONFIG: {
    meaning: 'The kubeconfig is missing, unreadable or does not name the context.',
    remedy: 'Give `--kubeconfig` and `--context`, or set KUBECONFIG.',
    exitCode: EXIT.refusedState,
  },
  SQ_CONTEXT_REFUSED: {
    meaning:
      'The context or cloud may not be acted on: it is protected, or not among those that are allowed.',
    remedy:
      'Choose another, or see `existing` in the configuration file; docs/existing-clusters.md says how.',
    exitCode: EXIT.refusedPlan,
  },
  SQ_CLOUDS_YAML: {
    meaning: 'No usable cloud was found in clouds.yaml or the OS_* variables.',
    remedy: 'Give `--os-cloud`, or set OS_CLOUD or OS_CLIENT_CONFIG_FILE.',
    exitCode: EXIT.refusedState,
  },
  SQ_AUTH: {
    meaning: 'The system did not accept the credentials.',
    remedy: 'Check the user, the password or token, and the project that they are scoped to.',
    exitCode: EXIT.refusedState,
  },
  SQ_UNREACHABLE: {
    meaning: 'A system could not be reached, or gave no answer in time.',
    remedy: 'Check the address and that this machine can reach it; `squall doctor` tries each endpoint.',
    exitCode: EXIT.refusedState,
  },
  SQ_BAD_ANSWER: {
    meaning: 'An endpoint answered with something that is not its protocol.',
    remedy: 'Check that the URL is that of the API and not of a page in front of it.',
    exitCode: EXIT.refusedState,
  },
  SQ_LAB: {
    meaning: 'The lab could not be brought up or taken down.',
    remedy: 'Read the log that is named, then `squall lab down` and try again.',
    exitCode: EXIT.refusedState,
  },
  SQ_LAB_ABSENT: {
    meaning: 'There is no lab of this kind up on this host.',
    remedy: 'Bring it up with `squall lab up`.',
    exitCode: EXIT.refusedState,
  },
  SQ_PARTS: {
    meaning: 'A program or an image that the reference lab is made of could not be had.',
    remedy:
      'Install Go so that it can be built, let this machine reach its publisher, or give a folder with the files.',
    exitCode: EXIT.refusedState,
  },
  SQ_LOCKED: {
    meaning: 'Another run holds the lock of this cloud.',
    remedy: 'Wait until that run ends; if its process is gone, `squall heal` frees the lock.',
    exitCode: EXIT.refusedState,
  },
  SQ_NOT_ALLOWED: {
    meaning: 'Somebody stopped all runs, and nobody has allowed them again.',
    remedy: 'Ask whoever stopped them; then `squall allow` lets runs start again.',
    exitCode: EXIT.refusedState,
  },
  SQ_OPEN_FAULT: {
    meaning: 'A fault of an earlier run is not healed, so no new one may start.',
    remedy: 'Run `squall heal`.',
    exitCode: EXIT.oursLeft,
  },
  SQ_HEAL_FAILED: {
    meaning: 'A fault could not be healed, or healing could not be verified.',
    remedy: 'The difference is printed; mend it by hand or run `squall heal` again.',
    exitCode: EXIT.oursLeft,
  },
  SQ_INJECT_FAILED: {
    meaning: 'A fault could not be injected.',
    remedy: 'The cause is named; `squall doctor` says what this lab allows.',
    exitCode: EXIT.unknown,
  },
  SQ_JOURNAL: {
    meaning: 'The healing journal could not be written or read, so nothing more was injected.',
    remedy: 'Check the space and the permissions of the state folder.',
    exitCode: EXIT.unknown,
  },
  SQ_RUN_FOLDER: {
    meaning: 'The run folder could not be written.',
    remedy: 'Free some space or choose another `--output-dir`; everything injected was healed first.',
    exitCode: EXIT.unknown,
  },
  SQ_RUN_UNREADABLE: {
    meaning: 'A stored run is missing, truncated or of a version that this Squall cannot read.',
    remedy: 'Check the path; a newer run needs a newer Squall.',
    exitCode: EXIT.refusedPlan,
  },
  SQ_SUITE: {
    meaning: 'A suite could not be loaded, or no case matches.',
    remedy: 'Check the names with `squall list suites` and `squall test --list`.',
    exitCode: EXIT.refusedPlan,
  },
  SQ_ENGINE: {
    meaning:
      'The test suite of somebody else, such as Tempest, could not be installed or started on this machine.',
    remedy: 'Do what the message says, or run Squall’s own suites: leave out `--engine`.',
    exitCode: EXIT.refusedState,
  },
  SQ_STOPPED: {
    meaning: 'The run was stopped before its end.',
    remedy: 'Everything injected was healed; run again.',
    exitCode: EXIT.interrupted,
  },
  SQ_INTERNAL: {
    meaning: 'Squall itself has a mistake.',
    remedy: 'Please report it with the run folder.',
    exitCode: EXIT.internal,
  },
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

export interface HarnessErrorOptions {
  /** The error underneath, kept whole. */
  readonly cause?: unknown;
  /** A remedy more exact than the catalogue's. */
  readonly remedy?: string;
  /**
   * False when the act that failed may have happened all the same (a timed-out "create server" may have created one), so its
   * traces must be swept. Default true: it certainly did not happen.
   */
  readonly definite?: boolean;
  /** The values that matter, for reports; never secrets. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Overrides the catalogue's exit code where the same mistake means something else, such as a bad URL in a plan. */
  readonly exitCode?: ExitCode;
}

/** The one error that crosses a border of Squall; adapters translate foreign errors into it. */
export class HarnessError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly definite: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly exitCode: ExitCode;

  /** @param message a whole sentence: what failed, where, and why. */
  constructor(code: ErrorCode, message: string, options: HarnessErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HarnessError';
    this.code = code;
    this.remedy = options.remedy ?? ERROR_CATALOGUE[code].remedy;
    this.definite = options.definite ?? true;
    this.facts = options.facts ?? {};
    this.exitCode = options.exitCode ?? ERROR_CATALOGUE[code].exitCode;
  }
}

/** The message of anything that was thrown, on one line. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s+/g, ' ').trim();
}
