import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EXIT } from '../../src/model/exit-code.ts';
import type { RunEnd } from '../../src/model/evidence.ts';
import { ReportSchema } from '../../src/report/report-schema.ts';
import { reporters } from '../../src/report/index.ts';
import { ownHome } from '../../test/cli/own-home.ts';
import { quietHost } from '../compare/quiet-host.ts';

const { values } = parseArgs({
  options: {
    /** The run is put behind this command, such as `nice -n 10`. */
    behind: { type: 'string', default: '' },
    /** Runs are begun only while the load of the host is below it. */
    quiet: { type: 'string', default: 'Infinity' },
    /** Only moments whose name has this in it. */
    only: { type: 'string', default: '' },
  },
});

/** Every stage that a run has, each short. */
const PLAN = `# Wants to learn: is everything told when a run is stopped?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: stopped}
conformance:
  before: {tags: [smoke]}
  during: {tags: [smoke]}
  after: {tags: [smoke]}
calibration: {}
probes:
  - {name: keystone, probe: openstack-read, endpoint: keystone, every: 50ms, timeout: 800ms, connection: new}
method:
  - {name: cut, fault: network-partition, selector: {role: control}, mode: one, duration: 6s, outside: true}
  - {wait: recovered, ceiling: 60s}
baseline: 500ms
objectives:
  - {objective: longest-outage, maximum: 30s}
`;

interface Moment {
  readonly name: string;
  /** A line of the run after which the signal is sent. */
  readonly after: RegExp;
  readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP';
  /** Nobody reads what it says from then on, as when a terminal is closed, and the signal comes a while later. */
  readonly unread?: boolean;
}

const stage = (name: string, signal: Moment['signal'] = 'SIGINT'): Moment => ({
  name,
  after: new RegExp(`stage ${name} started`),
  signal,
});

/** With a lab that the run brings up itself, so that one more thing is owed. */
const MOMENTS: readonly Moment[] = [
  stage('lab up'),
  stage('discovery'),
  stage('conformance before'),
  stage('calibration'),
  stage('chaos'),
  { name: 'while a fault is injected', after: /fault cut injecting/, signal: 'SIGINT' },
  { name: 'while a fault is held', after: /fault cut holding/, signal: 'SIGTERM' },
  { name: 'while a fault is healed', after: /fault cut healing/, signal: 'SIGINT' },
  stage('conformance after', 'SIGTERM'),
  { name: 'a closed terminal', after: /fault cut injecting/, signal: 'SIGHUP', unread: true },
];

const COMPUTED = ['analysis.json', 'verdict.json'];

/** What is wrong with what a stopped run left behind. */
function wrongWith(reports: string, code: number | null, { signal }: Moment): readonly string[] {
  const expected = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  const [run] = existsSync(reports) ? readdirSync(reports).filter((name) => !name.includes('.')) : [];
  if (run === undefined) return ['there is no run folder'];
  const folder = join(reports, run);
  const lacking = [...COMPUTED, ...reporters.map(({ file }) => file)].filter((file) => {
    const path = join(folder, file);
    if (!existsSync(path)) return true;
    return statSync(path).isDirectory() ? readdirSync(path).length === 0 : statSync(path).size === 0;
  });
  if (lacking.length > 0) return [`exit ${String(code)}, and not written: ${lacking.join(', ')}`];
  const read = <T>(file: string): T => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T;
  const end = read<RunEnd>('end.json');
  const report = ReportSchema.parse(read('report.json'));
  return [
    ...(code === expected ? [] : [`exit ${String(code)} instead of ${expected}`]),
    ...(end.reason === 'stopped' && end.signal === signal
      ? []
      : [`it ended ${end.reason}, ${end.signal ?? 'no signal'}`]),
    ...(report.verdict.exitCode === code ? [] : [`report.json says exit ${report.verdict.exitCode}`]),
    ...(report.verdict.truth === 'pass' ? ['it passed'] : []),
    ...report.openFaults.map((fault) => `${fault} is open`),
    ...(/the run came to its end[\s\S]*<error/.test(readFileSync(join(folder, 'junit.xml'), 'utf8'))
      ? []
      : ['junit.xml does not say that it was stopped']),
  ];
}

/** Processes that have something of this home in their command line. */
const processesOf = (home: string): readonly string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(home) ? [`${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });

/** A stopped run has a while to leave: the reaper goes when it sees that all is closed. */
async function leftOf(home: string): Promise<readonly string[]> {
  for (let turn = 0; turn < 40 && processesOf(home).length > 0; turn++) await setTimeout(500);
  return processesOf(home).map((line) => `it left ${line}`);
}

/** A rehearsal that never came so far tells nothing, such as one that had no processor; then it is tried again. */
const MOST_TRIES = 5;

async function stopAt(moment: Moment): Promise<readonly string[]> {
  for (let turn = 1; ; turn++) {
    await quietHost(Number(values.quiet), () => true);
    const { reached, wrong } = await tryToStop(moment);
    if (reached || turn === MOST_TRIES) return wrong;
    process.stdout.write(`${moment.name}: ${wrong.join('; ').split('\n')[0] ?? ''}; once more\n`);
  }
}

async function tryToStop(
  moment: Moment,
): Promise<{ readonly reached: boolean; readonly wrong: readonly string[] }> {
  const home = mkdtempSync(join(tmpdir(), 'squall-abort-'));
  const reports = join(home, 'reports');
  mkdirSync(reports);
  writeFileSync(join(home, 'plan.yaml'), PLAN);
  const [program = process.execPath, ...rest] = [
    ...values.behind.split(' ').filter((word) => word !== ''),
    process.execPath,
    resolve('dist/cli/squall.mjs'),
    'run',
    join(home, 'plan.yaml'),
  ];
  const child = spawn(program, rest, {
    env: {
      ...ownHome(home),
      SQUALL_OUTPUT_DIR: reports,
      CI: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let sent = false;
  const listen = (text: Buffer): void => {
    said += String(text);
    if (sent || !moment.after.test(said)) return;
    sent = true;
    if (moment.unread === true) for (const stream of [child.stdout, child.stderr]) stream.destroy();
    void setTimeout(moment.unread === true ? 3000 : 0).then(() => child.kill(moment.signal));
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const code = await new Promise<number | null>((done) => child.on('exit', done));
  try {
    if (!sent)
      return {
        reached: false,
        wrong: [`it never came so far, and ended with ${String(code)}:\n${said.slice(-600)}`],
      };
    return { reached: true, wrong: [...wrongWith(reports, code, moment), ...(await leftOf(home))] };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const broken: string[] = [];
let stopped = 0;
for (const moment of MOMENTS.filter(({ name }) => name.includes(values.only))) {
  const wrong = await stopAt(moment);
  stopped += 1;
  broken.push(...wrong.map((says) => `${moment.name}: ${says}`));
  process.stdout.write(
    `${moment.signal} at ${moment.name}: ${wrong.length === 0 ? 'all is told' : wrong.join('; ')}\n`,
  );
}
const ok = broken.length === 0;
process.stdout.write(
  `${JSON.stringify({ bench: 'abort', target: 0, ok, stopped, broken: broken.length })}\n`,
);
process.exitCode = ok ? 0 : 1;
