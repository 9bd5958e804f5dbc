import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownHome } from '../../test/cli/own-home.ts';

/**
 * One short fault whose recovery is felt, a few times: the address moves away from the node that is cut off. The wait lets it come
 * home, so that every round begins in the same place.
 */
const PLAN = `# Wants to learn: how long is the address missed when its holder is cut off?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: compare-short}
probes:
  - {name: keystone, probe: openstack-read, endpoint: keystone, every: 20ms, timeout: 800ms, connection: new}
  - {name: address, probe: tcp, endpoint: kubernetes, every: 20ms, timeout: 500ms, connection: new}
method:
  - repeat:
      times: 10
      steps:
        - name: cut
          fault: network-partition
          selector: {role: api-address-holder}
          mode: one
          duration: 2s
          outside: true
        - wait: recovered
          ceiling: 60s
        - wait: 3s
baseline: 400ms
objectives:
  - {objective: longest-outage, maximum: 20s}
  - {objective: recovery-time, maximum: 60s}
`;

/** What a comparison reads of a run; samples and reports are not kept. */
const KEPT = [
  'run.json',
  'plan.json',
  'subject.json',
  'end.json',
  'chaos.json',
  'analysis.json',
  'verdict.json',
] as const;

/** On a busy host a rehearsal may not be up in time. */
const MOST_TRIES = 5;

/** A home with a rehearsal of its own, on a copy of Squall of its own: what is built meanwhile changes nothing in it. */
export interface Ground {
  readonly kind: string;
  readonly home: string;
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly kept: string;
}

export interface GroundOrder {
  readonly kind: string;
  /** All times of the model are multiplied by it. */
  readonly slowdown: number;
  /** Where the copy and what is kept lie. */
  readonly folder: string;
}

/** @throws when its lab does not come up. */
export async function openGround({ kind, slowdown, folder }: GroundOrder): Promise<Ground> {
  const own = join(folder, kind);
  if (!existsSync(join(own, 'package.json'))) copyProgram(own, slowdown);
  const home = await mkdtemp(join(tmpdir(), 'squall-compare-'));
  const environment = {
    ...ownHome(home),
    SQUALL_OUTPUT_DIR: join(home, 'reports'),
    CI: 'true',
  };
  const kept = join(own, 'runs');
  mkdirSync(kept, { recursive: true });
  writeFileSync(join(home, 'plan.yaml'), PLAN);
  const ground = { kind, home, program: join(own, 'dist', 'cli', 'squall.mjs'), environment, kept };
  for (let turn = 1; ; turn++) {
    const code = await squall(ground, ['lab', 'up'], []);
    if (code === 0) return ground;
    await squall(ground, ['lab', 'down'], []);
    if (turn < MOST_TRIES) continue;
    await rm(home, { recursive: true, force: true });
    throw new Error(`the lab of ${kind} did not come up: exit ${code}`);
  }
}

export async function closeGround(ground: Ground): Promise<void> {
  await squall(ground, ['lab', 'down'], []);
  await rm(ground.home, { recursive: true, force: true });
}

/** One run on it. @param behind the command that it is put behind, such as `nice` or a lock. @returns its exit code. */
export async function runOnce(ground: Ground, behind: readonly string[]): Promise<number> {
  const code = await squall(ground, ['run', join(ground.home, 'plan.yaml')], behind);
  const reports = join(ground.home, 'reports');
  for (const id of existsSync(reports) ? readdirSync(reports) : []) {
    mkdirSync(join(ground.kept, id), { recursive: true });
    for (const file of KEPT) {
      const from = join(reports, id, file);
      if (existsSync(from)) cpSync(from, join(ground.kept, id, file));
    }
    rmSync(join(reports, id), { recursive: true });
  }
  return code;
}

function squall(
  { program, environment }: Ground,
  args: readonly string[],
  behind: readonly string[],
): Promise<number> {
  const [file, ...rest] = [...behind, process.execPath, program, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(file ?? process.execPath, rest, { env: environment, stdio: 'ignore' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
}

/** The model reads its times from one table, so a copy in which they are longer is a cloud that is slower everywhere. */
function copyProgram(own: string, slowdown: number): void {
  mkdirSync(own, { recursive: true });
  cpSync('dist', join(own, 'dist'), { recursive: true });
  cpSync('chaos-plans', join(own, 'chaos-plans'), { recursive: true });
  const timers = join(own, 'dist', 'src', 'rehearsal', 'timers.js');
  const text = readFileSync(timers, 'utf8');
  const slower = text.replace(
    "return { value, unit: 'ms'",
    `return { value: value * ${slowdown}, unit: 'ms'`,
  );
  if (slower === text)
    throw new Error(`${timers} does not look as expected, so no slowdown could be planted`);
  writeFileSync(timers, slower);
  cpSync('package.json', join(own, 'package.json'));
}
