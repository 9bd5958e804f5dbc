import { tags as allureTags, feature, historyId, label, parameter, parentSuite } from 'allure-js-commons';
import AllureReporter from 'allure-mocha';
import Mocha from 'mocha';
import type { Ability } from '../model/abilities.ts';
import type { CaseDeclaration, ConformanceStage } from '../model/conformance.ts';
import { formatDuration, milliseconds, seconds, type Duration } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import type { OpenStackApi } from '../ports/openstack.ts';
import { openContext, SkipCase, type LaneTools } from './case-context.ts';
import { CaseReporter, CaseUnfinished } from './case-reporter.ts';
import { FileAccount, type RunListener } from './file-account.ts';
import type { CaseBody, DefinedCase, DefinedSuite } from './suite-definition.ts';

/** The package's types say that its default export is a module; it is the class of the reporter. */
const allureReporter = AllureReporter as unknown as Mocha.ReporterConstructor;

export interface RunSetting {
  readonly stage: ConformanceStage;
  readonly abilities: readonly Ability[];
  readonly caseTimeout: Duration;
  /** Allure results are written beside ours when it is there. */
  readonly allureFolder?: string;
  readonly tools: LaneTools;
  /** Ends the case that runs; its reason says why. */
  readonly cancel: AbortSignal;
}

export interface SuiteRun {
  readonly finished: Promise<void>;
  /** Lets the case that runs end, and runs no other. */
  stopAfterCase(): void;
}

/**
 * For taking away what was made; a little less than the grace that the harness gives a lane (`lane-slot.ts`). It grows with the time
 * of a case, where that was given for a slow system.
 */
const takeAwayWithin = ({ ms }: Duration): Duration => milliseconds(Math.max(40_000, (ms * 2) / 3));
/** The same when the run was stopped: then a person waits. */
const TAKE_AWAY_SOON = seconds(4);

/** Runs the selected cases of a suite, in the order of the file, in a mocha of their own. */
export function runSuite(
  suite: DefinedSuite,
  selected: readonly CaseDeclaration[],
  setting: RunSetting,
  listener: RunListener,
): SuiteRun {
  const ids = new Set(selected.map(({ id }) => id));
  const cases = suite.cases.filter(({ declaration }) => ids.has(declaration.id));
  const account = new FileAccount(cases, listener);
  const mocha = buildMocha(suite, cases, setting, account);
  let runner: Mocha.Runner | undefined;
  const finished = new Promise<void>((resolve) => {
    // Mocha's own callback comes after all hooks; the count of failures says nothing that the reporter did not.
    runner = mocha.run(() => resolve());
  }).then(() => {
    account.close();
    // A runner listens to errors of the process until it is disposed of.
    mocha.dispose();
  });
  return {
    finished,
    stopAfterCase: () => {
      account.stopped = true;
      runner?.abort();
    },
  };
}

function buildMocha(
  suite: DefinedSuite,
  cases: readonly DefinedCase[],
  setting: RunSetting,
  account: FileAccount,
): Mocha {
  const ours = { listener: account };
  // Limits are ours (`within`), for mocha's would leave the body running with its clients.
  const mocha = new Mocha({
    timeout: 0,
    ...(setting.allureFolder === undefined
      ? { reporter: CaseReporter, reporterOptions: ours }
      : {
          reporter: allureReporter,
          reporterOptions: { resultsDir: setting.allureFolder, extraReporters: [[CaseReporter, ours]] },
        }),
  });
  const tree = Mocha.Suite.create(mocha.suite, suite.title);
  addHooks(tree, suite, setting, account, cases);
  for (const one of cases) {
    const lacks = one.declaration.needs.filter((ability) => !setting.abilities.includes(ability));
    const test =
      lacks.length > 0
        ? new Mocha.Test(one.declaration.title)
        : new Mocha.Test(one.declaration.title, caseFunction(one, suite, setting, account));
    // Allure derives paths from it.
    test.file = one.declaration.id;
    tree.addTest(test);
    account.add(
      test,
      one.declaration,
      lacks.length > 0 ? `The lab lacks the ability ${lacks.join(' and ')}.` : undefined,
    );
  }
  return mocha;
}

function addHooks(
  tree: Mocha.Suite,
  suite: DefinedSuite,
  setting: RunSetting,
  account: FileAccount,
  cases: readonly DefinedCase[],
): void {
  const willRun = cases.some(({ declaration }) =>
    declaration.needs.every((ability) => setting.abilities.includes(ability)),
  );
  if (!willRun) return;
  const leftovers: (() => Promise<void>)[] = [];
  const hook = (body: CaseBody) =>
    async function (this: Mocha.Context): Promise<void> {
      const limited = limit(setting, `the suite ${suite.name}`);
      try {
        const user = await limited.race(userOf(suite, setting));
        const opened = openContext(setting.tools, user, suite.name, setting.caseTimeout, limited.signal);
        leftovers.push(opened.takeAway);
        account.keep(opened.troubles);
        await limited.race(body(opened.context));
      } catch (error) {
        if (!(error instanceof SkipCase)) throw limited.unfinished() ?? error;
        account.explainRest(error.message);
        this.skip.call(this);
      } finally {
        limited.end();
      }
    };
  for (const body of suite.hooks.before) tree.beforeAll('before', hook(body));
  for (const body of suite.hooks.beforeEach) tree.beforeEach('before each', hook(body));
  for (const body of suite.hooks.afterEach) tree.afterEach('after each', hook(body));
  for (const body of suite.hooks.after) tree.afterAll('after', hook(body));
  tree.afterAll('take away what the hooks made', async () => {
    const failures: unknown[] = [];
    for (const takeAway of leftovers.reverse())
      await takeAway().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new Error(failures.map(describeError).join('; '), { cause: failures[0] });
  });
}

function caseFunction(
  { declaration, body }: DefinedCase,
  suite: DefinedSuite,
  setting: RunSetting,
  account: FileAccount,
) {
  return async function (this: Mocha.Context): Promise<void> {
    if (setting.allureFolder !== undefined) await labelForAllure(declaration, setting.stage);
    const limited = limit(setting, 'the case');
    const user = await limited.race(userOf(suite, setting)).catch((error: unknown) => {
      const failure = limited.unfinished() ?? asError(error);
      limited.end();
      throw failure;
    });
    const opened = openContext(setting.tools, user, declaration.id, setting.caseTimeout, limited.signal);
    account.keep(opened.troubles, declaration);
    let failure: { readonly error: unknown } | undefined;
    try {
      await limited.race(body(opened.context));
    } catch (error) {
      // Whatever it says once its signal has aborted, it says because of that.
      failure = { error: limited.unfinished() ?? error };
    }
    limited.end();
    const left = await takenAway(opened.takeAway, setting);
    if (failure?.error instanceof SkipCase && left === undefined) {
      account.explain(declaration, failure.error.message);
      this.skip.call(this);
    }
    // The first error is the one to show; what could not be taken away is told beside it and is in the ledger.
    if (failure !== undefined && left !== undefined) account.addDetails(declaration, describeError(left));
    if (failure !== undefined) throw asError(failure.error);
    if (left !== undefined) throw asError(left);
  };
}

/** Whose client the cases of a suite have; undefined where there is no cloud. */
async function userOf({ user }: DefinedSuite, { tools }: RunSetting): Promise<OpenStackApi | undefined> {
  return user === 'ordinary' && tools.tenant !== undefined ? tools.tenant.open() : tools.openstack;
}

async function takenAway(takeAway: () => Promise<void>, setting: RunSetting): Promise<unknown> {
  const late = new AbortController();
  const limits = setting.cancel.aborted ? TAKE_AWAY_SOON : takeAwayWithin(setting.caseTimeout);
  const stop = setting.tools.clock.after(limits.ms, () => late.abort());
  try {
    return await Promise.race([
      takeAway().then(
        () => undefined,
        (error: unknown) => error,
      ),
      aborted(
        late.signal,
        () => new CaseUnfinished(`Taking away what was made took longer than ${formatDuration(limits)}.`),
      ).catch((error: unknown) => error),
    ]);
  } finally {
    stop();
  }
}

interface Limited {
  readonly signal: AbortSignal;
  /** Why the work could not be finished; undefined as long as it may go on. */
  unfinished(): CaseUnfinished | undefined;
  race<T>(work: Promise<T> | T): Promise<T>;
  end(): void;
}

/** A signal that aborts when the time is over or the lane is stopped, and at the latest when the work has ended. */
function limit({ tools, caseTimeout, cancel }: RunSetting, what: string): Limited {
  const own = new AbortController();
  const late = new CaseUnfinished(
    `It is not known how ${what} would have ended: it took longer than ${formatDuration(caseTimeout)}.`,
  );
  const stop = tools.clock.after(caseTimeout.ms, () => own.abort(late));
  const signal = AbortSignal.any([own.signal, cancel]);
  const unfinished = (): CaseUnfinished | undefined => {
    if (!signal.aborted) return undefined;
    return signal.reason === late ? late : new CaseUnfinished(describeError(signal.reason));
  };
  const given = aborted(signal, () => unfinished() ?? late);
  // Nobody may be racing any more when it aborts at the end.
  given.catch(() => undefined);
  return {
    signal,
    unfinished,
    race: (work) => Promise.race([Promise.resolve(work), given]),
    end: () => {
      stop();
      own.abort(new Error(`A request was sent after ${what} had ended.`));
    },
  };
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

function aborted(signal: AbortSignal, error: () => Error): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(error());
    else signal.addEventListener('abort', () => reject(error()), { once: true });
  });
}

/** The stage is part of a case's history: the same case before and after chaos is not a retry of one test. */
async function labelForAllure(declaration: CaseDeclaration, stage: ConformanceStage): Promise<void> {
  const [service = '', behaviour = ''] = declaration.id.split('/');
  await parentSuite(stage);
  await feature(service);
  await label('story', behaviour);
  await allureTags(...declaration.tags);
  for (const name of declaration.covers) await label('covers', name);
  await historyId(`${stage}/${declaration.id}`);
  await parameter('stage', stage);
}
