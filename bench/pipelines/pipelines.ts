import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ownHome } from '../../test/cli/own-home.ts';
import { quietHost } from '../compare/quiet-host.ts';
import { pipelines, type PipelineLines } from './shell-lines.ts';
import { starved } from './starved.ts';

const { values } = parseArgs({
  options: {
    /** Each call of the command line is put behind this command, such as `flock /tmp/lock`. */
    behind: { type: 'string', default: '' },
    /** What was proved stays proved, for the same program and pipeline. */
    state: { type: 'string', default: 'bench/.state/pipelines' },
    /** Runs are begun only while the load of the host is below it. */
    quiet: { type: 'string', default: 'Infinity' },
    /** When it stops, to be gone on with. */
    seconds: { type: 'string', default: '540' },
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

/** So often a promise is tried again after the host had no processor for it. */
const MOST_TRIES = 8;

/** A copy: what is built meanwhile changes nothing in it. */
const PROGRAM = resolve(values.state, 'program');
rmSync(PROGRAM, { recursive: true, force: true });
for (const part of ['dist', 'chaos-plans', 'pipelines', 'package.json'])
  cpSync(part, join(PROGRAM, part), { recursive: true });
const STATE = join(values.state, 'proved.json');

const home = mkdtempSync(join(tmpdir(), 'squall-pipelines-'));
const environment = {
  ...ownHome(home),
  PATH: `${home}/bin:${process.env.PATH ?? ''}`,
  CI: 'true',
};
const broken: string[] = [];
const undecided: string[] = [];
const begun = process.hrtime.bigint();
const isLate = (): boolean => Number(process.hrtime.bigint() - begun) / 1e9 > Number(values.seconds);
const proved = new Set<string>(
  existsSync(STATE) ? (JSON.parse(readFileSync(STATE, 'utf8')) as readonly string[]) : [],
);

/** Another program, or another pipeline, has promised nothing yet. */
const nameOf = (pipeline: PipelineLines, promise: string): string =>
  `${pipeline.file} ${promise} ${createHash('sha256')
    .update(readFileSync(join(PROGRAM, 'dist', 'cli', 'squall.mjs')))
    .update(readFileSync(pipeline.file))
    .digest('hex')
    .slice(0, 16)}`;

function prove(name: string): void {
  proved.add(name);
  writeFileSync(STATE, JSON.stringify([...proved], null, 2));
}

/** Stands in for npm's: the command line of this checkout, and nothing of a registry. */
function layOut(): void {
  mkdirSync(join(home, 'bin'));
  const program = join(PROGRAM, 'dist', 'cli', 'squall.mjs');
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

/** What is wrong with how the lines ended, and with what they left to publish. */
function wrongWith(ended: { code: number; says: string }, code: number): readonly string[] {
  if (ended.code !== code) return [`${ended.code} instead of ${code}\n${ended.says}`];
  if (code === 2) return [];
  const reports = join(home, 'squall-reports');
  const [run] = existsSync(reports) ? readdirSync(reports) : [];
  return ['junit.xml', 'summary.md', 'metrics.txt', 'allure-results', 'report.html']
    .filter((file) => !existsSync(join(reports, run ?? 'none', file)))
    .map((file) => `there is no ${file}`);
}

/** One promise: the lines end with the code, and what is published is there. A try that the host starved says nothing. */
async function expectCode(
  pipeline: PipelineLines,
  plan: string,
  code: number,
  lines = pipeline.run,
): Promise<void> {
  const name = nameOf(pipeline, plan);
  if (proved.has(name)) return;
  for (let turn = 1; turn <= MOST_TRIES && !isLate(); turn++) {
    await quietHost(Number(values.quiet), () => !isLate());
    if (isLate()) break;
    rmSync(join(home, 'squall-reports'), { recursive: true, force: true });
    const ended = call(lines, { ...pipeline.environment, PLAN: plan });
    const wrong = wrongWith(ended, code);
    const because = wrong.length === 0 ? undefined : starved(join(home, 'squall-reports'));
    const outcome = because === undefined ? pipeline.outcome(ended.code) : `but ${because}`;
    process.stdout.write(`${pipeline.file}: ${plan} ended with ${ended.code}, ${outcome}\n`);
    if (because !== undefined) continue;
    broken.push(...wrong.map((says) => `${pipeline.file}: ${plan}: ${says}`));
    if (wrong.length === 0) prove(name);
    return;
  }
  undecided.push(`${pipeline.file}: ${plan}`);
}

/** Healing afterwards ends well, whatever came before. */
function expectHealing(pipeline: PipelineLines): void {
  const name = nameOf(pipeline, 'always');
  if (pipeline.always === undefined || proved.has(name) || isLate()) return;
  if (call(pipeline.always, pipeline.environment).code === 0) prove(name);
  else broken.push(`${pipeline.file}: healing afterwards failed`);
}

/** In a cluster it is another lab; everything else in the line stays as it is. */
const onRehearsal = (lines: string, plan: string): string =>
  lines
    .replace('--lab existing', '--lab rehearsal')
    .replace('/reports', 'squall-reports')
    .replace(/run \w+/, `run ${plan}`);

layOut();
try {
  await quietHost(Number(values.quiet), () => !isLate());
  if (call('npx squall lab up', {}).code !== 0) throw new Error('the rehearsal did not come up');
  for (const pipeline of pipelines()) {
    const cluster = pipeline.system === 'kubernetes';
    const lines = (plan: string): string => (cluster ? onRehearsal(pipeline.run, plan) : pipeline.run);
    await expectCode(pipeline, 'gate', 0, lines('gate'));
    await expectCode(pipeline, 'fails.yaml', 1, lines('fails.yaml'));
    await expectCode(pipeline, 'unknown.yaml', 4, lines('unknown.yaml'));
    await expectCode(pipeline, 'not-there', 2, lines('not-there'));
    expectHealing(pipeline);
  }
} finally {
  call('npx squall lab down', {});
  rmSync(home, { recursive: true, force: true });
}
for (const says of broken) process.stdout.write(`${says}\n`);
for (const says of undecided) process.stdout.write(`${says}: not proved yet; run it again, and it goes on\n`);
const ok = broken.length === 0 && undecided.length === 0;
process.stdout.write(
  `${JSON.stringify({ bench: 'pipelines', target: 0, ok, proved: proved.size, broken: broken.length, undecided: undecided.length })}\n`,
);
process.exitCode = ok ? 0 : 1;
