import { spawn } from 'node:child_process';
import {
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
import { setTimeout } from 'node:timers/promises';
import { ownHome } from '../../test/cli/own-home.ts';

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

export interface Moment {
  readonly name: string;
  /** A line of the run after which the signal is sent, or so many milliseconds after its start. */
  readonly after: RegExp | number;
  readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGKILL';
  /** Nobody reads what it says from then on, as when a terminal is closed, and the signal comes a while later. */
  readonly unread?: boolean;
}

/** What became of a run that was sent a signal. */
export interface StoppedRun {
  readonly home: string;
  readonly reports: string;
  /** undefined where it made none. */
  readonly folder?: string;
  /** Of the process; null where the signal itself ended it. */
  readonly code: number | null;
  /** True when the signal was sent. */
  readonly reached: boolean;
  readonly said: string;
  readonly tookMs: number;
}

/** The command line in the home of a run, to its end. */
export async function squallAt(
  home: string,
  args: readonly string[],
  behind: string,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = launch(home, args, behind);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (said += String(text)));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, said };
}

function launch(home: string, args: readonly string[], behind: string) {
  const [program = process.execPath, ...rest] = [
    ...behind.split(' ').filter((word) => word !== ''),
    process.execPath,
    resolve('dist/cli/squall.mjs'),
    ...args,
  ];
  return spawn(program, rest, {
    env: { ...ownHome(home), SQUALL_OUTPUT_DIR: join(home, 'reports'), CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Begins a run in a home of its own, with a lab that it brings up itself, and sends the signal. Without a moment it is left alone. */
export async function stopRun(moment: Moment | undefined, behind: string): Promise<StoppedRun> {
  const home = mkdtempSync(join(tmpdir(), 'squall-abort-'));
  const reports = join(home, 'reports');
  mkdirSync(reports);
  writeFileSync(join(home, 'plan.yaml'), PLAN);
  const begun = process.hrtime.bigint();
  const child = launch(home, ['run', join(home, 'plan.yaml')], behind);
  const ended = new Promise<number | null>((done) => child.on('exit', done));
  let said = '';
  let reached = false;
  const send = (): void => {
    if (moment === undefined || reached || child.exitCode !== null) return;
    reached = true;
    if (moment.unread === true) for (const stream of [child.stdout, child.stderr]) stream.destroy();
    void setTimeout(moment.unread === true ? 3000 : 0).then(() => child.kill(moment.signal));
  };
  const listen = (text: Buffer): void => {
    said += String(text);
    if (moment?.after instanceof RegExp && moment.after.test(said)) send();
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  if (typeof moment?.after === 'number') void setTimeout(moment.after, undefined, { ref: false }).then(send);
  const code = await ended;
  const tookMs = Number(process.hrtime.bigint() - begun) / 1e6;
  const [run] = readdirSync(reports).filter((name) => !name.includes('.'));
  const found = run === undefined ? {} : { folder: join(reports, run) };
  return { home, reports, ...found, code, reached, said, tookMs };
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
export async function leftOf(home: string): Promise<readonly string[]> {
  for (let turn = 0; turn < 40 && processesOf(home).length > 0; turn++) await setTimeout(500);
  const lab = join(home, 'state', 'squall', 'labs', 'rehearsal');
  return [
    ...processesOf(home).map((line) => `it left ${line}`),
    ...(existsSync(lab) ? ['it left the folder of its lab'] : []),
  ];
}

export const forget = ({ home }: StoppedRun): void => rmSync(home, { recursive: true, force: true });
