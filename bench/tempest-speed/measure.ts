import { readdir, readFile, rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Analysis, AgreementRow } from '../../src/model/analysis.ts';
import type { CaseResult, ConformanceResults } from '../../src/model/conformance.ts';
import type { Ground } from './ground.ts';
import type { SameChecks } from './same-checks.ts';

/** Tempest's own workers, or lanes of ours. */
export interface Contender {
  readonly engine: 'tempest' | 'squall';
  readonly width: number;
}

export interface Measured extends Contender {
  /**
   * Seconds. Of ours from the start of the command to its end, with reports and verdict; of theirs from the start of `tempest run`
   * to its end, without anything that Squall does around it.
   */
  readonly wallS: number;
  /** Seconds before the first test or case began. */
  readonly startUpS: number;
  /** Seconds inside tests or cases, of all workers together. */
  readonly inTestsS: number;
  /** Seconds between the tests of one worker, of all together: set-up and tear-down of classes, or hooks of files. */
  readonly betweenS: number;
  /** Calls that came to the cloud; only where they went through the proxy. */
  readonly calls?: number;
  /** Checks that did not pass; absent: none. */
  readonly lost?: number;
  /** Load of the host when it began. */
  readonly load: number;
}

/** How Squall's clients and Tempest's name themselves to the cloud. */
const AGENTS = { squall: 'squall', tempest: 'python-urllib3' } as const;

/** How the folder of a run begins. */
const RUN = /^\d{8}-/;

/** One call of both engines on all checks that they share. @throws what Squall said, when there is no comparison. */
export async function agreementOn(
  ground: Ground,
  words: readonly string[],
  { lanes, clouds }: { readonly lanes: number; readonly clouds: string },
): Promise<readonly AgreementRow[]> {
  const all = ['test', ...words, '--engine', 'both', '--lanes', String(lanes)];
  const { folder, says, remove } = await run(ground, all, clouds);
  try {
    const { agreement } = await readJson<Partial<Analysis>>(join(folder, 'analysis.json'));
    if (agreement === undefined) throw new Error(`Nothing was compared: ${says.slice(-1500)}`);
    return agreement.rows;
  } finally {
    await remove();
  }
}

/**
 * Runs the checks once on one side.
 * @param how `counted`: through the proxy, which counts the calls and takes time of its own; else directly. `mayFail`: so many checks.
 * @throws when more of the checks did not pass: what fails early is no measure.
 */
export async function measure(
  ground: Ground,
  { engine, width }: Contender,
  checks: SameChecks,
  { counted, mayFail }: { readonly counted: boolean; readonly mayFail: number },
): Promise<Measured> {
  const load = Math.round((loadavg()[0] ?? 0) * 10) / 10;
  const words = [
    'test',
    ...suitesOf(checks),
    '--grep',
    grepOf(checks),
    '--engine',
    engine,
    '--lanes',
    String(width),
  ];
  ground.proxy.calls = new Map();
  const { folder, says, wallS, remove } = await run(ground, words, counted ? ground.through : ground.direct);
  try {
    const stage = engine === 'squall' ? 'alone' : 'tempest';
    const results = await readJson<ConformanceResults>(join(folder, 'conformance', `${stage}.json`)).catch(
      () => {
        throw new Error(`Nothing was run: ${says.slice(-1500)}`);
      },
    );
    const wanted = engine === 'squall' ? checks.cases.length : checks.tests.length;
    const lost = lostOf(results, wanted, mayFail);
    const stageS = secondsBetween(results);
    return {
      ...{ engine, width, load },
      wallS: engine === 'squall' ? wallS : stageS,
      ...partsOf(results, engine === 'squall' ? wallS - stageS : 0),
      ...(lost === 0 ? {} : { lost }),
      ...(counted ? { calls: ground.proxy.calls.get(AGENTS[engine]) ?? 0 } : {}),
    };
  } finally {
    await remove();
  }
}

/** Names alone, so that no other file is loaded. */
const suitesOf = ({ cases }: SameChecks): readonly string[] => [
  ...new Set(cases.map((id) => id.split('/').slice(0, 2).join('/'))),
];

const grepOf = ({ cases }: SameChecks): string => `^(${cases.join('|')})$`;

const secondsBetween = ({ started, ended }: Pick<CaseResult, 'started' | 'ended'>): number =>
  (ended.ns - started.ns) / 1e9;

function lostOf({ results }: ConformanceResults, wanted: number, mayFail: number): number {
  const passed = results.filter(({ outcome }) => outcome === 'passed').length;
  if (wanted - passed <= mayFail && results.length >= wanted) return wanted - passed;
  const others = results.filter(({ outcome }) => outcome !== 'passed');
  const named = others
    .slice(0, 5)
    .map(({ id, outcome, reason = '' }) => `${id} ${outcome}: ${reason.slice(0, 200)}`);
  throw new Error(`${passed} of ${wanted} passed; ${named.join('; ')}`);
}

function partsOf(
  { started, results }: ConformanceResults,
  beforeS: number,
): Pick<Measured, 'startUpS' | 'inTestsS' | 'betweenS'> {
  const workers = new Map<number, CaseResult[]>();
  for (const result of results) workers.set(result.lane, [...(workers.get(result.lane) ?? []), result]);
  const first = Math.min(...results.map((one) => one.started.ns));
  const inTestsS = results.reduce((sum, one) => sum + secondsBetween(one), 0);
  const spansS = [...workers.values()].reduce((sum, own) => sum + spanOf(own), 0);
  return { startUpS: beforeS + (first - started.ns) / 1e9, inTestsS, betweenS: spansS - inTestsS };
}

const spanOf = (own: readonly CaseResult[]): number =>
  (Math.max(...own.map(({ ended }) => ended.ns)) - Math.min(...own.map(({ started }) => started.ns))) / 1e9;

interface Ran {
  readonly folder: string;
  readonly says: string;
  readonly wallS: number;
  readonly remove: () => Promise<void>;
}

async function run(ground: Ground, words: readonly string[], clouds: string): Promise<Ran> {
  const reports = join(ground.home, 'reports');
  const remove = (): Promise<void> => rm(reports, { recursive: true, force: true });
  await remove();
  const whole = [...words, '--lab', 'existing', '--os-cloud', ground.cloud, '--output-dir', reports];
  const { says, wallS } = await ground.squall(whole, { OS_CLIENT_CONFIG_FILE: clouds });
  const [name = 'none'] = (await readdir(reports).catch(() => [])).filter((one) => RUN.test(one));
  return { folder: join(reports, name), says, wallS, remove };
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}
