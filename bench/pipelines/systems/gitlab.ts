import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { parse } from 'yaml';
import { call } from '../../samples-query/python.ts';
import { besideIt, COMMIT, leavePowerOff, runIn, type Place } from '../place.ts';
import { matching } from '../published.ts';
import { byExitCode, type Ended, type Outcome, type System } from '../system.ts';
import { npmPrograms } from '../tools.ts';

const DEFINITION = 'pipelines/gitlab/squall.gitlab-ci.yml';

interface Definition {
  readonly squall: {
    readonly artifacts: {
      readonly paths: readonly string[];
      readonly reports: { readonly junit: string };
    };
  };
}

/** What starts the pipeline, so that our definition chooses the plan. */
function variablesOf(plan: string): Readonly<Record<string, string>> {
  if (plan === 'gate') return { CI_PIPELINE_SOURCE: 'merge_request_event' };
  if (plan === 'nightly') return { CI_PIPELINE_SOURCE: 'schedule' };
  return { CI_PIPELINE_SOURCE: 'web', PLAN: plan };
}

const OUTCOMES: Readonly<Record<string, Outcome>> = { PASS: 'green', WARN: 'yellow', FAIL: 'red' };

/** By the line of the job in gitlab-ci-local's summary: how it ends itself does not tell. */
function outcomeOf(says: string): Outcome {
  const plain = stripVTControlCharacters(says);
  const found = OUTCOMES[/^ (PASS|WARN|FAIL) +squall\b/m.exec(plain)?.[1] ?? ''];
  if (found === undefined) throw new Error(`It does not say what became of the job:\n${plain.slice(-800)}`);
  return found;
}

/** GitLab CI, by gitlab-ci-local: it reads the definition, its rules and variables, and runs the job's lines on this host. */
export const gitlab: System = {
  name: 'gitlab',
  plans: { gate: 'gate', nightly: 'nightly', drill: 'drill' },
  promises: byExitCode({ 3: 'yellow', 4: 'yellow' }),
  heals: true,
  prepare({ project }: Place): void {
    mkdirSync(join(project, 'pipelines', 'gitlab'), { recursive: true });
    cpSync(DEFINITION, join(project, DEFINITION));
    writeFileSync(join(project, '.gitlab-ci.yml'), `include:\n  - local: ${DEFINITION}\n`);
    // It includes only what belongs to the repository.
    call('git', ['-C', project, 'add', DEFINITION, '.gitlab-ci.yml']);
  },
  async run(place: Place, plan: string): Promise<Ended> {
    const { project } = place;
    const kept = join(project, '.gitlab-ci-local');
    rmSync(kept, { recursive: true, force: true });
    const { says } = await runIn(
      place,
      join(npmPrograms('gitlab-ci-local', ['gitlab-ci-local@4.61.1']), 'gitlab-ci-local'),
      [
        '--force-shell-executor',
        ...Object.entries({ ...variablesOf(plan), CI_COMMIT_SHA: COMMIT }).flatMap(([name, value]) => [
          '--variable',
          `${name}=${value}`,
        ]),
      ],
    );
    const { artifacts } = (parse(readFileSync(DEFINITION, 'utf8')) as Definition).squall;
    const shown = join(kept, 'artifacts', 'squall');
    return {
      outcome: outcomeOf(says),
      says,
      reports: place.reports,
      junit: matching(project, artifacts.reports.junit),
      allure: artifacts.paths.flatMap((path) => matching(shown, `${path}/*/allure-results`)),
    };
  },
  beside: besideIt,
  leaveOpenFault: leavePowerOff,
};
