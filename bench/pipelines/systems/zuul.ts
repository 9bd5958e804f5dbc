import { mkdirSync, readFileSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { besideIt, COMMIT, leavePowerOff, runIn, type Place } from '../place.ts';
import { matching } from '../published.ts';
import { byExitCode, type Ended, type System } from '../system.ts';
import { pythonPrograms } from '../tools.ts';

interface Job {
  readonly name: string;
  readonly parent?: string;
  readonly run?: string;
  readonly 'post-run'?: string;
  readonly vars?: Readonly<Record<string, string>>;
}

/** A job with what it inherits, as Zuul joins them. */
function jobOf(name: string): Required<Pick<Job, 'run' | 'post-run' | 'vars'>> {
  const all = parse(readFileSync('pipelines/zuul/zuul.yaml', 'utf8')) as readonly { readonly job?: Job }[];
  const job = all.find((each) => each.job?.name === name)?.job;
  if (job === undefined) throw new Error(`There is no job ${name}.`);
  const parent = job.parent === undefined ? undefined : jobOf(job.parent);
  const run = job.run ?? parent?.run;
  const post = job['post-run'] ?? parent?.['post-run'];
  if (run === undefined || post === undefined) throw new Error(`The job ${name} runs nothing.`);
  return { run, 'post-run': post, vars: { ...parent?.vars, ...job.vars } };
}

const JOBS: Readonly<Record<string, string>> = {
  gate: 'squall-gate',
  nightly: 'squall-nightly',
  drill: 'squall-drill',
};

/** Zuul, by Ansible: the playbooks of its jobs with the variables that its executor gives them. */
export const zuul: System = {
  name: 'zuul',
  plans: { gate: 'gate', nightly: 'nightly', drill: 'drill' },
  promises: byExitCode({}),
  heals: true,
  prepare({ project }: Place): void {
    cpSync('pipelines/zuul', join(project, 'pipelines', 'zuul'), { recursive: true });
  },
  async run(place: Place, plan: string): Promise<Ended> {
    const job = jobOf(JOBS[plan] ?? 'squall-gate');
    const logs = join(place.home, 'logs');
    const returned = join(place.home, 'returned.json');
    rmSync(logs, { recursive: true, force: true });
    rmSync(returned, { force: true });
    mkdirSync(logs);
    const variables = {
      ...job.vars,
      ...(plan in JOBS ? {} : { squall_plan: plan }),
      zuul: { project: { src_dir: place.project }, executor: { log_root: logs }, commit_id: COMMIT },
    };
    writeFileSync(join(place.home, 'variables.json'), JSON.stringify(variables));
    writeFileSync(
      join(place.home, 'inventory'),
      `worker ansible_connection=local ansible_python_interpreter=${join(pythonPrograms(), 'python')}\n`,
    );
    const playbook = (name: string): Promise<{ readonly code: number; readonly says: string }> =>
      runIn(
        place,
        join(pythonPrograms(), 'ansible-playbook'),
        ['-i', join(place.home, 'inventory'), '-e', `@${join(place.home, 'variables.json')}`, name],
        {
          more: {
            ANSIBLE_LIBRARY: join(process.cwd(), 'bench/pipelines/stand-ins/zuul'),
            ANSIBLE_FORCE_COLOR: '0',
            ZUUL_RETURN: returned,
            LC_ALL: 'C.UTF-8',
          },
        },
      );
    const ran = await playbook(job.run);
    const after = await playbook(job['post-run']);
    const { zuul: said } = JSON.parse(readFileSync(returned, 'utf8')) as {
      zuul: { artifacts: readonly { readonly url: string }[] };
    };
    const shown = said.artifacts.map(({ url }) => join(logs, url));
    return {
      outcome: ran.code === 0 && after.code === 0 ? 'green' : 'red',
      says: `${ran.says}${after.says}`,
      reports: place.reports,
      junit: shown.flatMap((folder) => matching(folder, '*/junit.xml')),
      allure: shown.flatMap((folder) => matching(folder, '*/allure-results')),
    };
  },
  beside: besideIt,
  leaveOpenFault: leavePowerOff,
};
