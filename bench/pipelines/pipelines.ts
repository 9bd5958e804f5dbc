import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pipelines, type PipelineLines } from './shell-lines.ts';

const { values } = parseArgs({
  options: {
    /** Each call of the command line is put behind this command, such as `flock /tmp/lock`. */
    behind: { type: 'string', default: '' },
  },
});

/** A fault that is felt, and an outage that no rule allows. */
const FAILS = `# Wants to learn: does a failed objective fail the pipeline?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: fails}
probes:
  - {name: keystone, probe: openstack-read, endpoint: keystone, every: 50ms, timeout: 500ms, connection: new}
method:
  - {name: cut, fault: network-partition, selector: {role: api-address-holder}, mode: one, duration: 2s, outside: true}
  - {wait: recovered, ceiling: 60s}
baseline: 300ms
objectives:
  - {objective: longest-outage, maximum: 1ms}
limits: {maxUnseen: 100%}
`;

/** Promises nothing, so nothing can be told. */
const UNKNOWN = `# Wants to learn: does a run that can tell nothing pass?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: tells-nothing}
method:
  - {wait: 300ms}
`;

const home = mkdtempSync(join(tmpdir(), 'squall-pipelines-'));
const environment = {
  HOME: home,
  PATH: `${home}/bin:${process.env.PATH ?? ''}`,
  XDG_STATE_HOME: join(home, 'state'),
  XDG_CACHE_HOME: join(home, 'cache'),
  XDG_CONFIG_HOME: join(home, 'config'),
  CI: 'true',
};
const broken: string[] = [];
let calls = 0;

/** Stands in for npm's: the command line of this checkout, and nothing of a registry. */
function layOut(): void {
  mkdirSync(join(home, 'bin'));
  const program = resolve('dist/cli/squall.mjs');
  writeFileSync(
    join(home, 'bin', 'npx'),
    `#!/bin/sh\nshift\nexec ${values.behind} '${process.execPath}' '${program}' "$@"\n`,
  );
  chmodSync(join(home, 'bin', 'npx'), 0o755);
  writeFileSync(join(home, 'fails.yaml'), FAILS);
  writeFileSync(join(home, 'unknown.yaml'), UNKNOWN);
}

function call(lines: string, more: Readonly<Record<string, string>>): { code: number; says: string } {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', lines], {
    cwd: home,
    encoding: 'utf8',
    env: { ...environment, ...more },
    timeout: 900_000,
  });
  return { code: status ?? -1, says: `${stdout}${stderr}` };
}

/** One promise: the lines end with the code, and what is published is there. */
function expectCode(pipeline: PipelineLines, plan: string, code: number, lines = pipeline.run): void {
  rmSync(join(home, 'squall-reports'), { recursive: true, force: true });
  const ended = call(lines, { ...pipeline.environment, PLAN: plan });
  calls += 1;
  const outcome = pipeline.outcome(ended.code);
  process.stdout.write(`${pipeline.file}: ${plan} ended with ${ended.code}, ${outcome}\n`);
  if (ended.code !== code)
    broken.push(`${pipeline.file}: ${plan}: ${ended.code} instead of ${code}\n${ended.says}`);
  if (code === 2) return;
  const [run] = existsSync(join(home, 'squall-reports')) ? readdirSync(join(home, 'squall-reports')) : [];
  for (const file of ['junit.xml', 'summary.md', 'metrics.txt', 'allure-results', 'report.html'])
    if (!existsSync(join(home, 'squall-reports', run ?? 'none', file)))
      broken.push(`${pipeline.file}: ${plan}: there is no ${file}`);
}

/** In a cluster it is another lab; everything else in the line stays as it is. */
const onRehearsal = (lines: string, plan: string): string =>
  lines
    .replace('--lab existing', '--lab rehearsal')
    .replace('/reports', 'squall-reports')
    .replace(/run \w+/, `run ${plan}`);

layOut();
try {
  if (call('npx squall lab up', {}).code !== 0) throw new Error('the rehearsal did not come up');
  for (const pipeline of pipelines()) {
    const cluster = pipeline.system === 'kubernetes';
    const lines = (plan: string): string => (cluster ? onRehearsal(pipeline.run, plan) : pipeline.run);
    expectCode(pipeline, 'gate', 0, lines('gate'));
    expectCode(pipeline, 'fails.yaml', 1, lines('fails.yaml'));
    expectCode(pipeline, 'unknown.yaml', 4, lines('unknown.yaml'));
    expectCode(pipeline, 'not-there', 2, lines('not-there'));
    if (pipeline.always !== undefined && call(pipeline.always, pipeline.environment).code !== 0)
      broken.push(`${pipeline.file}: healing afterwards failed`);
  }
} finally {
  call('npx squall lab down', {});
  rmSync(home, { recursive: true, force: true });
}
for (const says of broken) process.stdout.write(`${says}\n`);
const ok = broken.length === 0;
process.stdout.write(
  `${JSON.stringify({ bench: 'pipelines', target: 0, ok, calls, broken: broken.length })}\n`,
);
process.exitCode = ok ? 0 : 1;
