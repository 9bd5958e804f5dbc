import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goProgram, npmPrograms, pythonPrograms } from './tools.ts';

/** Each definition, judged by the tool that people of its system use, as far as the registries have it. */
interface Linter {
  readonly what: string;
  readonly program: () => string;
  readonly args: readonly string[];
  /** Default: this checkout. */
  readonly cwd?: string;
  /** What it says only where it has really looked. */
  readonly says?: RegExp;
}

const WORKFLOW = 'pipelines/github/squall.yml';
const GITLAB = 'pipelines/gitlab/squall.gitlab-ci.yml';
const JENKINS = 'pipelines/jenkins';
const PLAYBOOKS = ['pipelines/zuul/run.yaml', 'pipelines/zuul/post.yaml'];
const MANIFESTS = readdirSync('pipelines/kubernetes').map((name) => join('pipelines/kubernetes', name));

const project = mkdtempSync(join(tmpdir(), 'squall-lint-'));
const python = (name: string): string => join(pythonPrograms(), name);

const LINTERS: readonly Linter[] = [
  {
    what: 'actionlint',
    program: () => goProgram('github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'),
    args: ['-no-color', WORKFLOW],
  },
  {
    what: 'GitLab by its JSON schema, in gitlab-ci-local',
    program: () => join(npmPrograms('gitlab-ci-local', ['gitlab-ci-local@4.61.1']), 'gitlab-ci-local'),
    cwd: project,
    args: ['--file', 'squall.gitlab-ci.yml', '--list-all'],
    says: /json schema validated/,
  },
  {
    what: 'npm-groovy-lint (CodeNarc)',
    program: () => join(npmPrograms('npm-groovy-lint', ['npm-groovy-lint@16.2.0']), 'npm-groovy-lint'),
    args: [
      '--noserver',
      '--path',
      JENKINS,
      '--files',
      'Jenkinsfile',
      '--config',
      join(process.cwd(), 'bench/pipelines/stand-ins/groovylint.json'),
      '--failon',
      'info',
    ],
  },
  {
    what: "Zuul's own schema",
    program: () => python('python'),
    args: ['bench/pipelines/stand-ins/zuul-schema.py', 'pipelines/zuul/zuul.yaml'],
  },
  ...PLAYBOOKS.map((file) => ({
    what: `ansible-playbook --syntax-check ${file}`,
    program: () => python('ansible-playbook'),
    args: ['--syntax-check', file],
  })),
  {
    what: 'ansible-lint',
    program: () => python('ansible-lint'),
    args: ['--offline', '--strict', '--profile', 'production', ...PLAYBOOKS],
  },
  {
    what: 'kubernetes-validate',
    program: () => python('kubernetes-validate'),
    args: ['--strict', ...MANIFESTS],
  },
  {
    what: 'yamllint',
    program: () => python('yamllint'),
    args: ['--strict', '--config-file', 'bench/pipelines/stand-ins/yamllint.yaml', 'pipelines'],
  },
];

function judge({ what, program, args, cwd, says: looked = /^/ }: Linter): boolean {
  const found = program();
  const { status, stdout, stderr } = spawnSync(found, args, {
    cwd,
    encoding: 'utf8',
    timeout: 600_000,
    env: {
      ...process.env,
      PATH: `${join(found, '..')}:${process.env['PATH'] ?? ''}`,
      ANSIBLE_LIBRARY: 'bench/pipelines/stand-ins/zuul',
      LC_ALL: 'C.UTF-8',
    },
  });
  const says = `${stdout}${stderr}`;
  const ok = status === 0 && looked.test(says);
  process.stdout.write(`${ok ? 'clean ' : 'WRONG '} ${what}\n${ok ? '' : `${says}\n`}`);
  return ok;
}

let wrong = 0;
try {
  mkdirSync(project, { recursive: true });
  cpSync(GITLAB, join(project, 'squall.gitlab-ci.yml'));
  for (const args of [
    ['init', '--quiet'],
    ['remote', 'add', 'origin', 'git@gitlab.example.org:group/project.git'],
  ])
    spawnSync('git', args, { cwd: project });
  wrong = LINTERS.filter((linter) => !judge(linter)).length;
} finally {
  rmSync(project, { recursive: true, force: true });
}
process.stdout.write(
  `${JSON.stringify({ bench: 'pipelines-lint', target: 0, ok: wrong === 0, linters: LINTERS.length, wrong })}\n`,
);
process.exitCode = wrong === 0 ? 0 : 1;
