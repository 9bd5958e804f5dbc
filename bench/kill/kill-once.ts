import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { entryPath } from '../../src/adapters/system/entry-path.ts';
import { createStateFolder } from '../../src/adapters/system/state-folder.ts';
import { createSystemChance } from '../../src/adapters/system/system-chance.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { faultRegistry } from '../../src/chaos/fault-registry.ts';
import { readJournal } from '../../src/custody/index.ts';
import { FAILPOINT_FILE, FAILPOINTS, type Failpoint } from '../../src/entries/failpoints.ts';
import { createRehearsalLab } from '../../src/labs/rehearsal/rehearsal-lab.ts';
import { abilitiesOf, type Lab } from '../../src/ports/lab.ts';
import { ownHome } from '../../test/cli/own-home.ts';
import { LabLook } from './look-at-lab.ts';

/** A fault, whom it hurts, and the lines of a step that it needs besides. */
export interface Victim {
  readonly selector: string;
  readonly lines: readonly string[];
}

const DURATION_MS = 1000;

const lasting = (selector: string, ...parameters: readonly string[]): Victim => ({
  selector,
  lines: [`duration: ${DURATION_MS}ms`, ...parameters],
});
const atOnce = (selector: string): Victim => ({ selector, lines: [] });

/** Every fault that there is, by its name. */
export const VICTIMS: Readonly<Record<string, Victim>> = {
  'node-power-off': lasting('{role: control}'),
  'node-freeze': lasting('{role: control}'),
  'network-partition': lasting('{role: control}'),
  'network-loss': lasting('{role: control}'),
  'service-stop': lasting('{role: etcd}'),
  'pod-delete': atOnce('{role: api}'),
  'container-kill': atOnce('{role: api}'),
  'container-freeze': lasting('{role: api}'),
  'node-reboot': atOnce('{role: control}'),
  'node-drain': lasting('{role: compute}', 'ceiling: 5s'),
  'network-latency': lasting('{role: control}', 'delay: 100ms'),
  'network-bandwidth': lasting('{role: control}', 'kilobitsPerSecond: 1000'),
  'cpu-pressure': lasting('{role: compute}'),
  'memory-pressure': lasting('{role: compute}', 'megabytes: 256'),
  'disk-fill': lasting('{role: compute}'),
  'descriptor-exhaustion': lasting('{unit: kubelet, role: compute}'),
  'conntrack-exhaustion': lasting('{role: compute}'),
};

export type KillPoint = Failpoint | 'random';

export const KILL_POINTS: readonly KillPoint[] = [...FAILPOINTS, 'random'];

/** How the fault ends: by its own expiry, and then by us; or by us at once. */
export type Ending = 'expiry' | 'heal';

export interface KillOrder {
  /** Draws the target. */
  readonly n: number;
  readonly at: KillPoint;
  readonly fault: string;
  readonly ending: Ending;
  /** `heal` is called so often, one after the other, or twice at a time. */
  readonly heals: 'once' | 'twice' | 'two at a time';
  /** From the start of the harness until it is killed, for `random`. */
  readonly afterMs: number;
}

export interface KillResult {
  /** The harness was killed; it may have come to its end first, or never to its fault. */
  readonly killed: boolean;
  /** A fault had been intended. */
  readonly intended: boolean;
  /** From the declared end until a look began that saw nothing of it any more; below zero when that came first. */
  readonly goneMs?: number;
  readonly violations: readonly string[];
}

/** A home with a rehearsal of its own, on which one harness after the other is killed. */
export interface KillGround {
  readonly path: string;
  readonly lab: Lab;
  readonly look: LabLook;
  /** Names of the faults that this lab can suffer. */
  readonly faults: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

const ALIVE_AT_MOST_MS = 5000;
/** What a fault leaves is recovered from in its own time: a member that was cut off finds its leader again. */
const RECOVERED_WITHIN_MS = 30_000;
const STEADY_WITHIN_MS = 60_000;
const clock = createSystemClock();

export async function openGround(path: string): Promise<KillGround> {
  const state = join(path, 'state', 'squall');
  await mkdir(state, { recursive: true });
  const lab = createRehearsalLab({
    stateFolder: join(state, 'labs', 'rehearsal'),
    clock,
    chance: createSystemChance(),
    entryPath,
  });
  await lab.up(() => undefined, new AbortController().signal);
  const environment = {
    ...ownHome(path),
    SQUALL_OUTPUT_DIR: join(path, 'reports'),
    CI: 'true',
  };
  try {
    const abilities = abilitiesOf(lab, await lab.connection());
    const faults = faultRegistry
      .filter(({ needs }) => needs.every((need) => abilities.includes(need)))
      .map(({ name }) => name);
    return { path, lab, look: await LabLook.at(lab), faults, environment };
  } catch (error) {
    await lab.down(() => undefined);
    await rm(path, { recursive: true, force: true });
    throw error;
  }
}

export async function closeGround({ path, lab }: KillGround): Promise<void> {
  await lab.down(() => undefined);
  await rm(path, { recursive: true, force: true });
}

/** One harness, killed; then the lab is looked at from outside, and healed as often as was ordered. */
export async function killOnce(order: KillOrder, ground: KillGround): Promise<KillResult> {
  const ended = await runAndKill(order, ground);
  const violations: string[] = [];
  const store = createStateFolder(join(ground.path, 'state', 'squall'));
  const runs = await store.runs();
  const readings = await Promise.all(runs.map((run) => readJournal(store, run)));
  violations.push(...readings.flatMap(({ troubles }) => troubles));
  const entry = readings.flatMap(({ entries }) => entries)[0];
  let goneMs: number | undefined;
  if (order.ending === 'expiry' && entry !== undefined) {
    const endsNs = entry.expires.ns;
    const { left, lookedNs } = await untilAsBefore(
      ground,
      endsNs + ALIVE_AT_MOST_MS * 1e6,
      isOf(order.fault),
    );
    goneMs = (lookedNs - endsNs) / 1e6;
    violations.push(...left.map((line) => `alive ${ALIVE_AT_MOST_MS} ms after its declared end: ${line}`));
  }
  violations.push(...(await healAll(order.heals, ground)));
  const { left } = await untilAsBefore(ground, clock.now().ns + RECOVERED_WITHIN_MS * 1e6);
  violations.push(...left.map((line) => `not as before after the heal: ${line}`));
  for (const run of await store.runs()) violations.push(`the journal of ${run} was not put away`);
  return {
    killed: ended.signal === 'SIGKILL',
    intended: entry !== undefined,
    ...(goneMs === undefined ? {} : { goneMs }),
    violations,
  };
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly says: string;
}

/** A lab on which a node has just come back is not steady yet, and is asked again. */
async function runAndKill(order: KillOrder, ground: KillGround): Promise<Ended> {
  const failpoint = join(ground.path, 'state', 'squall', FAILPOINT_FILE);
  const plan = join(ground.path, 'plan.yaml');
  await writeFile(plan, planOf(order));
  if (order.at === 'random') await rm(failpoint, { force: true });
  else await writeFile(failpoint, order.at);
  const untilNs = clock.now().ns + STEADY_WITHIN_MS * 1e6;
  for (;;) {
    const ended = await squall(
      ['run', plan, '--seed', String(order.n)],
      ground,
      order.at === 'random' ? order.afterMs : undefined,
    );
    if (ended.code !== 3 || clock.now().ns > untilNs) {
      await rm(failpoint, { force: true });
      return ended;
    }
    await sleep(500);
  }
}

const planOf = ({
  fault,
}: KillOrder): string => `# Wants to learn: what becomes of ${fault} when Squall is killed?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: killed}
probes:
  - {name: readyz, probe: http, endpoint: kubernetes, path: /readyz, every: 500ms, timeout: 1s, connection: new}
method:
  - fault: ${fault}
    name: hurt
    selector: ${VICTIMS[fault]?.selector ?? ''}
    mode: one
${(VICTIMS[fault]?.lines ?? []).map((line) => `    ${line}\n`).join('')}baseline: 100ms
`;

function squall(args: readonly string[], { environment }: KillGround, killAfterMs?: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['dist/cli/squall.mjs', ...args], {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let says = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (says += text));
    const timer =
      killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, says });
    });
  });
}

/**
 * A fault on links lives in links and rules, and a drain in its cordon; whether a service or the API answers again is their
 * recovery.
 */
const isOf =
  (fault: string) =>
  (difference: string): boolean => {
    const what = /^[-+] (\w+) /.exec(difference)?.[1] ?? '';
    if (fault.startsWith('network-')) return what === 'link' || what === 'rule';
    return (what === 'cordon') === (fault === 'node-drain');
  };

/**
 * Looks until all is as before, or the time is over.
 * @param counts which differences; default all.
 * @returns what is not, by the last two looks, for one answer that is late on a busy host is no difference; and when the last look
 * began: one that began too late proves nothing, whatever it saw.
 */
async function untilAsBefore(
  { look }: KillGround,
  untilNs: number,
  counts: (difference: string) => boolean = () => true,
): Promise<{ readonly left: readonly string[]; readonly lookedNs: number }> {
  let left: readonly string[] = ['it was not looked at in time'];
  let before: readonly string[] | undefined;
  for (;;) {
    const lookedNs = clock.now().ns;
    if (lookedNs > untilNs) return { left, lookedNs };
    const now = (await look.differences()).filter(counts);
    if (now.length === 0) return { left: now, lookedNs };
    left = before === undefined ? now : now.filter((line) => before?.includes(line));
    before = now;
    await sleep(200);
  }
}

async function healAll(heals: KillOrder['heals'], ground: KillGround): Promise<readonly string[]> {
  const heal = (): Promise<Ended> => squall(['heal'], ground);
  const first = heals === 'two at a time' ? await Promise.all([heal(), heal()]) : [await heal()];
  const all = heals === 'twice' ? [...first, await heal()] : first;
  return all
    .filter(({ code }) => code !== 0)
    .map(({ code, says }) => `heal ended with ${code ?? '?'}: ${says}`);
}
