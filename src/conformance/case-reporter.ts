import Mocha from 'mocha';
import type { CaseOutcome } from '../model/conformance.ts';
import { describeError } from '../model/errors.ts';

/** How a case ended, as mocha saw it. */
export interface CaseEnd {
  readonly outcome: CaseOutcome;
  readonly reason?: string;
  readonly details?: string;
}

/** Hears what mocha runs. A reporter is constructed by mocha, so what it reports to comes in its options. */
export interface CaseListener {
  started(test: Mocha.Test): void;
  ended(test: Mocha.Test, end: CaseEnd): void;
  /** A hook failed: the cases that it was for do not run. */
  hookFailed(hook: Mocha.Hook, end: CaseEnd): void;
}

export interface CaseReporterOptions {
  readonly listener: CaseListener;
}

/** Set by a case that could not be finished, so that it is not taken for a failure of the system. */
export class CaseUnfinished extends Error {}

/** Turns mocha's events into ours, and prints nothing. */
export class CaseReporter extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const { listener } = options.reporterOptions as CaseReporterOptions;
    const { EVENT_TEST_BEGIN, EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Mocha.Runner.constants;
    runner.on(EVENT_TEST_BEGIN, (test: Mocha.Test) => listener.started(test));
    runner.on(EVENT_TEST_PASS, (test: Mocha.Test) => listener.ended(test, { outcome: 'passed' }));
    runner.on(EVENT_TEST_PENDING, (test: Mocha.Test) => listener.ended(test, { outcome: 'skipped' }));
    runner.on(EVENT_TEST_FAIL, (runnable: Mocha.Test | Mocha.Hook, error: unknown) => {
      const end = endOf(error);
      if (runnable.type === 'hook') listener.hookFailed(runnable, end);
      else listener.ended(runnable, end);
    });
  }
}

function endOf(error: unknown): CaseEnd {
  const reason = describeError(error);
  if (error instanceof CaseUnfinished) return { outcome: 'unknown', reason };
  return { outcome: 'failed', reason, details: detailsOf(error) };
}

/** The stack, what caused it, and the difference where an assertion carries one. */
function detailsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const parts = [error.stack ?? error.message];
  const { actual, expected } = error as { readonly actual?: unknown; readonly expected?: unknown };
  if (actual !== undefined && expected !== undefined) {
    parts.push(Mocha.reporters.Base.generateDiff(show(actual), show(expected)));
  }
  if (error.cause !== undefined) parts.push(`Caused by: ${detailsOf(error.cause)}`);
  return parts.join('\n');
}

/** Mocha's base reporter makes text of what is compared, in its own order of fields, before anyone else sees it. */
function show(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value, undefined, 2) ?? String(value);
  } catch {
    return String(value);
  }
}
