import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readCronJob } from './systems/cron-job.ts';

/** The shell lines of one pipeline, as its system would run them. */
export interface PipelineLines {
  readonly system: string;
  readonly file: string;
  /** Runs a plan; its exit code is the pipeline's. */
  readonly run: string;
  /** Runs afterwards, whatever came before; absent where the system has no such place. */
  readonly always?: string;
  /** What the system sets, by the names that the lines use. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the system makes of an exit code. */
  readonly outcome: (code: number) => 'green' | 'yellow' | 'red' | 'again';
}

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const OUTPUT = { SQUALL_OUTPUT_DIR: 'squall-reports' };

type Step = { readonly name?: string; readonly run?: string; readonly if?: string };

function github(): PipelineLines {
  const file = 'pipelines/github/squall.yml';
  const workflow = parse(readFileSync(file, 'utf8')) as { jobs: { squall: { steps: readonly Step[] } } };
  const { steps } = workflow.jobs.squall;
  return {
    system: 'github',
    file,
    // As the runner does: fails on the first command that fails.
    run: `set -e\n${must(steps.find(({ name }) => name === 'run')?.run)}`,
    always: must(steps.find(({ if: when, run }) => when === 'always()' && run !== undefined)?.run),
    environment: { ...OUTPUT, PLAN: 'gate', COMMIT, GITHUB_STEP_SUMMARY: 'step-summary.md' },
    outcome: (code) => (code === 0 ? 'green' : 'red'),
  };
}

function gitlab(): PipelineLines {
  const file = 'pipelines/gitlab/squall.gitlab-ci.yml';
  const { squall } = parse(readFileSync(file, 'utf8')) as {
    squall: {
      script: readonly string[];
      after_script: readonly string[];
      allow_failure: { exit_codes: readonly number[] };
      variables: Readonly<Record<string, string>>;
    };
  };
  return {
    system: 'gitlab',
    file,
    run: `set -e\n${squall.script.join('\n')}`,
    always: squall.after_script.join('\n'),
    environment: { ...squall.variables, CI_COMMIT_SHA: COMMIT },
    outcome: (code) =>
      code === 0 ? 'green' : squall.allow_failure.exit_codes.includes(code) ? 'yellow' : 'red',
  };
}

function jenkins(): PipelineLines {
  const file = 'pipelines/jenkins/Jenkinsfile';
  const text = readFileSync(file, 'utf8');
  const yellow = [...text.matchAll(/code == (\d+)/g)].map(([, code]) => Number(code));
  return {
    system: 'jenkins',
    file,
    run: must(/returnStatus: true, script: '([^']+)'/.exec(text)?.[1]),
    always: must(/catchError \{\s+sh '([^']+)'/.exec(text)?.[1]),
    environment: { ...OUTPUT, PLAN: 'gate', GIT_COMMIT: COMMIT },
    outcome: (code) => (code === 0 ? 'green' : yellow.includes(code) ? 'yellow' : 'red'),
  };
}

interface Task {
  readonly always?: readonly Task[];
  readonly 'ansible.builtin.shell'?: { readonly cmd: string };
  readonly 'ansible.builtin.command'?: { readonly cmd: string };
  readonly environment?: Readonly<Record<string, string>>;
}

function zuul(): PipelineLines {
  const file = 'pipelines/zuul/run.yaml';
  const tasksOf = (path: string): readonly Task[] =>
    (parse(readFileSync(path, 'utf8')) as readonly { tasks: readonly Task[] }[]).flatMap(
      ({ tasks }) => tasks,
    );
  const run = tasksOf(file).find((task) => task['ansible.builtin.shell'] !== undefined);
  const heal = tasksOf('pipelines/zuul/post.yaml')
    .flatMap(({ always = [] }) => always)
    .find((task) => task['ansible.builtin.command'] !== undefined);
  return {
    system: 'zuul',
    file,
    run: must(run?.['ansible.builtin.shell']?.cmd),
    always: must(heal?.['ansible.builtin.command']?.cmd),
    environment: { ...run?.environment, PLAN: 'gate', COMMIT },
    outcome: (code) => (code === 0 ? 'green' : 'red'),
  };
}

function kubernetes(file: string): PipelineLines {
  const { rules, container } = readCronJob(file);
  return {
    system: 'kubernetes',
    file,
    run: `npx --no -- squall ${(container.args ?? []).join(' ')}`,
    environment: {},
    outcome: (code) => {
      if (code === 0) return 'green';
      const rule = rules.find(
        ({ onExitCodes: { operator, values } }) => values.includes(code) === (operator === 'In'),
      );
      return rule?.action === 'FailJob' ? 'red' : 'again';
    },
  };
}

function must(line: string | undefined): string {
  if (line === undefined) throw new Error('The pipeline has not the lines that were looked for.');
  return line;
}

export const pipelines = (): readonly PipelineLines[] => [
  github(),
  gitlab(),
  jenkins(),
  zuul(),
  kubernetes('pipelines/kubernetes/gate.yaml'),
  kubernetes('pipelines/kubernetes/nightly.yaml'),
  kubernetes('pipelines/kubernetes/drill.yaml'),
];
