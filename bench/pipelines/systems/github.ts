import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { matching } from '../published.ts';
import { besideIt, COMMIT, leavePowerOff, runIn, type Place } from '../place.ts';
import { byExitCode, type Ended, type System } from '../system.ts';
import { goProgram } from '../tools.ts';

/** What GitHub provides, and nothing of ours; act itself checks out, by a copy of the project. */
const ACTIONS = ['setup-node', 'upload-artifact'];

/** What happens there, so that our definition chooses the plan. */
function eventOf(plan: string): { readonly name: string; readonly body: object } {
  if (plan === 'gate') return { name: 'pull_request', body: { pull_request: { head: { sha: COMMIT } } } };
  if (plan === 'nightly') return { name: 'schedule', body: { schedule: '17 2 * * *' } };
  return { name: 'workflow_dispatch', body: { inputs: { plan } } };
}

/** GitHub Actions, by nektos/act: it reads the workflow, its expressions and conditions, and runs each step on this host. */
export const github: System = {
  name: 'github',
  plans: { gate: 'gate', nightly: 'nightly', drill: 'drill' },
  promises: byExitCode({}),
  heals: true,
  prepare({ project }: Place): void {
    mkdirSync(join(project, '.github', 'workflows'), { recursive: true });
    cpSync('pipelines/github/squall.yml', join(project, '.github', 'workflows', 'squall.yml'));
  },
  async run(place: Place, plan: string): Promise<Ended> {
    const { home } = place;
    const event = eventOf(plan);
    const artifacts = join(home, 'artifacts');
    rmSync(artifacts, { recursive: true, force: true });
    mkdirSync(artifacts);
    writeFileSync(join(home, 'event.json'), JSON.stringify(event.body));
    const environment = { ...place.environment, ARTIFACTS: artifacts };
    const { code, says } = await runIn(place, goProgram('github.com/nektos/act@v0.2.89'), [
      event.name,
      '--workflows',
      '.github/workflows/squall.yml',
      '--eventpath',
      join(home, 'event.json'),
      '--platform',
      'ubuntu-latest=-self-hosted',
      '--action-offline-mode',
      ...ACTIONS.flatMap((name) => [
        '--local-repository',
        `actions/${name}@v4=${join(process.cwd(), 'bench/pipelines/stand-ins/github', name)}`,
      ]),
      ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ]);
    const shown = join(artifacts, 'squall-reports');
    return {
      outcome: code === 0 ? 'green' : 'red',
      says,
      reports: shown,
      junit: matching(shown, '*/junit.xml'),
      allure: matching(shown, '*/allure-results'),
    };
  },
  beside: besideIt,
  leaveOpenFault: leavePowerOff,
};
