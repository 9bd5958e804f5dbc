import { HarnessError } from '../../model/errors.ts';
import type { CaseDeclaration, ConformanceStage, SuiteFile } from '../../model/conformance.ts';
import { parseDuration, seconds, ZERO, type Duration } from '../../model/duration.ts';
import type { ObjectiveSpec, Plan, SuiteSelection } from '../../model/plan.ts';
import { runSuitesAlone } from '../../run/run.ts';
import type { EngineRequest } from '../../run/world.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { openLab } from '../compose-world.ts';
import { guardExisting } from '../guard-existing.ts';
import { howManyLanes } from '../how-many-lanes.ts';
import { inARun } from '../in-a-run.ts';
import { readOwnSuites, type OwnSuites } from '../own-suites.ts';
import { bundledSuites } from '../places.ts';
import { printRows } from '../print-rows.ts';
import { resolveSettings } from '../settings.ts';

export interface TestArguments extends SharedArguments {
  readonly suite?: readonly string[];
  readonly tag?: readonly string[];
  readonly grep?: string;
  readonly lanes?: number;
  readonly caseTimeout?: string;
  readonly list?: boolean;
  readonly engine?: 'squall' | 'tempest' | 'both';
  readonly match?: string;
  readonly python?: string;
}

export async function testCommand(argv: TestArguments): Promise<number> {
  const resolved = await resolveSettings(argv);
  const lanes = howManyLanes(argv.lanes);
  const caseTimeout = caseTimeoutOf(argv);
  const suites = await chooseSuites(argv.suite ?? []);
  const selection: SuiteSelection = {
    suites: [],
    tags: argv.tag ?? [],
    ...(argv.grep === undefined ? {} : { grep: argv.grep }),
  };
  const engine = engineOf(argv);
  if (argv.list ?? resolved.dryRun) return listCases(suites.files, selection, resolved.output, argv);
  const settings = await guardExisting(resolved);
  const opened = await openLab(settings);
  const given = { ...caseTimeout, ...(engine === undefined ? {} : { engine }) };
  const tempest =
    engine === undefined
      ? {}
      : {
          engine: await import('../open-tempest.ts').then(({ openTempest }) =>
            openTempest(opened, argv.python),
          ),
        };
  return inARun(settings, opened, suites, (id, world, stop) =>
    runSuitesAlone(
      {
        id,
        plan: suitesOnly(selection, engine),
        planText: '',
        seed: settings.seed ?? 'none',
        lanes,
        ...given,
      },
      { ...world, ...tempest },
      stop,
    ),
  );
}

/** undefined where Squall's own cases run alone. */
function engineOf({ engine = 'squall', match, list }: TestArguments): EngineRequest | undefined {
  if (match !== undefined && engine === 'squall')
    throw new HarnessError('SQ_USAGE', '--match chooses among the tests of Tempest.', {
      remedy: 'Add `--engine tempest`; cases of Squall are chosen by name, `--tag` and `--grep`.',
    });
  if (match !== undefined && list === true)
    throw new HarnessError(
      'SQ_USAGE',
      '--list knows the tests that our cases are labelled with, and not --match.',
    );
  if (engine === 'squall') return undefined;
  return { besideOwn: engine === 'both', ...(match === undefined ? {} : { match }) };
}

function caseTimeoutOf({ caseTimeout }: TestArguments): { readonly caseTimeout?: Duration } {
  if (caseTimeout === undefined) return {};
  const duration = parseDuration(caseTimeout);
  if (duration !== undefined && duration.ms >= 1000) return { caseTimeout: duration };
  throw new HarnessError(
    'SQ_USAGE',
    `--case-timeout takes a duration of at least a second, such as 90s or 3m, not ${JSON.stringify(caseTimeout)}.`,
  );
}

/** A plan that hurts nothing: what `squall test` is judged by. */
function suitesOnly(selection: SuiteSelection, engine?: EngineRequest): Plan {
  const own = engine?.besideOwn !== false;
  return {
    schemaVersion: 1,
    name: engine === undefined ? 'suites alone' : own ? 'suites beside tempest' : 'tempest alone',
    learns: 'Do the suites pass?',
    parameters: {},
    conformance: { before: selection },
    probes: [],
    watchers: [],
    method: [],
    objectives: [
      ...(own ? [passing('suites pass', 'alone')] : []),
      ...(engine === undefined ? [] : [passing('tempest passes', 'tempest')]),
      { name: 'nothing is leaked', objective: 'nothing-leaked', parameters: {} },
    ],
    guards: [],
    limits: {
      maxTargets: 0,
      maxShare: 0,
      protectedNamespaces: [],
      protectedNodes: [],
      maxUnseen: 1,
      maxDuration: seconds(3600),
    },
    baseline: ZERO,
  };
}

const passing = (name: string, stage: ConformanceStage): ObjectiveSpec => ({
  name,
  objective: 'conformance',
  parameters: { stage, minimumPassed: 1 },
});

const isFile = (word: string): boolean => /\.[cm]?[jt]s$/.test(word);

/** Names and patterns choose among the bundled suites; a path to a file is a suite of the user's own. */
async function chooseSuites(wanted: readonly string[]): Promise<OwnSuites> {
  const bundled = bundledSuites();
  if (wanted.length === 0) return { files: bundled, loaders: [] };
  const { files, loaders } = await readOwnSuites(wanted.filter(isFile));
  const words = wanted.filter((word) => !isFile(word));
  const chosen = words.map((word) => {
    const pattern = new RegExp(
      `^${word.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}(/.*)?$`,
    );
    return bundled.filter(({ name }) => pattern.test(name));
  });
  const nothing = words.filter((_, index) => chosen[index]?.length === 0);
  if (nothing.length > 0) throw new HarnessError('SQ_SUITE', `No suite is called ${nothing.join(' or ')}.`);
  return {
    files: [...new Map([...chosen.flat(), ...files].map((file) => [file.path, file])).values()],
    loaders,
  };
}

async function listCases(
  files: readonly SuiteFile[],
  selection: SuiteSelection,
  output: 'table' | 'json',
  { engine = 'squall' }: TestArguments,
): Promise<number> {
  const { listCases: list } = await import('../../conformance/list-cases.ts');
  const cases = (await list(files, selection)).flatMap((suite) => suite.cases);
  if (engine === 'tempest') return listLabels(cases, output);
  printRows(
    cases.map(({ id, tags, needs, covers, title }) => ({
      case: id,
      tags: tags.join(' '),
      needs: needs.join(' '),
      title,
      // Long names of others, for programs.
      ...(output === 'json' ? { covers } : {}),
    })),
    output,
  );
  return 0;
}

/** The tests of Tempest that `--engine tempest` would run; it need not be installed for that. */
async function listLabels(cases: readonly CaseDeclaration[], output: 'table' | 'json'): Promise<number> {
  const { labelsOf } = await import('../../conformance/choose-engine-tests.ts');
  printRows(
    labelsOf(cases).map((test) => ({
      test,
      'our cases': cases.flatMap(({ id, covers }) => (covers.includes(test) ? [id] : [])).join(' '),
    })),
    output,
  );
  return 0;
}
