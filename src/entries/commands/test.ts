import { HarnessError } from '../../model/errors.ts';
import type { SuiteFile } from '../../model/conformance.ts';
import { parseDuration, seconds, ZERO, type Duration } from '../../model/duration.ts';
import type { Plan, SuiteSelection } from '../../model/plan.ts';
import { runSuitesAlone } from '../../run/run.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { openLab } from '../compose-world.ts';
import { guardExisting } from '../guard-existing.ts';
import { inARun } from '../in-a-run.ts';
import { readOwnSuites, type OwnSuites } from '../own-suites.ts';
import { bundledSuites } from '../places.ts';
import { printRows } from '../print-rows.ts';
import { resolveSettings } from '../settings.ts';
import { defaultLanes } from './run.ts';

export interface TestArguments extends SharedArguments {
  readonly suite?: readonly string[];
  readonly tag?: readonly string[];
  readonly grep?: string;
  readonly lanes?: number;
  readonly caseTimeout?: string;
  readonly list?: boolean;
}

export async function testCommand(argv: TestArguments): Promise<number> {
  const resolved = await resolveSettings(argv);
  const suites = await chooseSuites(argv.suite ?? []);
  const selection: SuiteSelection = {
    suites: [],
    tags: argv.tag ?? [],
    ...(argv.grep === undefined ? {} : { grep: argv.grep }),
  };
  if (argv.list ?? resolved.dryRun) return listCases(suites.files, selection, resolved.output);
  const settings = await guardExisting(resolved);
  const opened = await openLab(settings);
  const lanes = argv.lanes ?? defaultLanes();
  const caseTimeout = caseTimeoutOf(argv);
  return inARun(settings, opened, suites, (id, world, stop) =>
    runSuitesAlone(
      { id, plan: suitesOnly(selection), planText: '', seed: settings.seed ?? 'none', lanes, ...caseTimeout },
      world,
      stop,
    ),
  );
}

function caseTimeoutOf({ caseTimeout }: TestArguments): { readonly caseTimeout?: Duration } {
  if (caseTimeout === undefined) return {};
  const duration = parseDuration(caseTimeout);
  if (duration !== undefined && duration.ms >= 1000) return { caseTimeout: duration };
  throw new HarnessError(
    'SQ_USAGE',
    `--case-timeout ${caseTimeout} is no duration of at least a second, such as 3m.`,
  );
}

/** A plan that hurts nothing: what `squall test` is judged by. */
function suitesOnly(selection: SuiteSelection): Plan {
  return {
    schemaVersion: 1,
    name: 'suites alone',
    learns: 'Do the suites pass?',
    parameters: {},
    conformance: { before: selection },
    probes: [],
    watchers: [],
    method: [],
    objectives: [
      { name: 'suites pass', objective: 'conformance', parameters: { stage: 'alone', minimumPassed: 1 } },
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
): Promise<number> {
  const { listCases: list } = await import('../../conformance/list-cases.ts');
  const cases = (await list(files, selection)).flatMap((suite) => suite.cases);
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
