import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStateFolder } from '../../src/adapters/system/state-folder.ts';
import { readJournal } from '../../src/custody/index.ts';
import { FAILPOINT_FILE, type Failpoint } from '../../src/entries/failpoints.ts';
import { packageFolder, stateFolder } from '../../src/entries/places.ts';
import type { HealingEntry } from '../../src/model/injection.ts';
import { clock } from './the-lab.ts';

const command = join(packageFolder(), 'dist', 'cli', 'squall.mjs');

/** A run that does nothing but hurt once. */
export interface Hurt {
  readonly fault: string;
  /** As in a plan, such as `{role: control}`. */
  readonly selector: string;
  /** Further lines of the step, such as `share: 40%`. */
  readonly more?: readonly string[];
  /** Absent: the fault is over in a moment. */
  readonly seconds?: number;
}

export const planOf = ({
  fault,
  selector,
  more = [],
  seconds,
}: Hurt): string => `# Wants to learn: what becomes of ${fault} when Squall is killed?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: killed}
probes:
  - {name: readyz, probe: http, endpoint: kubernetes, path: /readyz, every: 500ms, timeout: 3s, connection: new}
method:
  - fault: ${fault}
    name: hurt
    selector: ${selector}
${[...more, ...(seconds === undefined ? [] : [`duration: ${seconds}s`])].map((line) => `    ${line}\n`).join('')}\
baseline: 100ms
limits: {maxUnseen: 100%}
`;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly says: string;
}

interface Watch {
  /** It is killed when what it says matches. */
  readonly killAt?: RegExp;
  /** It is killed so long after its start. */
  readonly killAfterMs?: number;
  readonly outputDir?: string;
}

/** The command line as it was built, on the real state folder: the lab's state lies there. */
export function squall(args: readonly string[], watch: Watch = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], {
      env: {
        ...process.env,
        CI: 'true',
        ...(watch.outputDir === undefined ? {} : { SQUALL_OUTPUT_DIR: watch.outputDir }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let says = '';
    const hear = (text: string): void => {
      says += text;
      if (watch.killAt?.test(says) === true) child.kill('SIGKILL');
    };
    const notLater =
      watch.killAfterMs === undefined
        ? (): void => undefined
        : clock.after(watch.killAfterMs, () => child.kill('SIGKILL'));
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      notLater();
      resolve({ code, signal, says });
    });
  });
}

export interface Killed {
  readonly says: string;
  readonly entry: HealingEntry;
}

/** How long a lab on which something came back a moment ago may not be steady yet. */
const STEADY_WITHIN_MS = 120_000;

/** When Squall dies: while the fault holds, in one of the gaps around it, or so many milliseconds after its start. */
export type Death = 'holding' | Failpoint | number;

/**
 * Runs it, and kills Squall while it holds, or in one of the gaps around the fault.
 * @throws when Squall was not killed, or had not intended to hurt: then nothing was proved.
 */
export async function hurtAndKill(hurt: Hurt, at: 'holding' | Failpoint): Promise<Killed> {
  const { ended, entry } = await runAndKill(hurt, at);
  if (ended.signal !== 'SIGKILL' || entry === undefined)
    throw new Error(`Squall was not killed in the middle (${ended.code ?? ended.signal}):\n${ended.says}`);
  return { says: ended.says, entry };
}

/** The same without a word on what came of it: Squall may have been quicker, or dead before it intended anything. */
export async function runAndKill(
  hurt: Hurt,
  at: Death,
): Promise<{ readonly ended: Ended; readonly entry?: HealingEntry }> {
  const folder = await mkdtemp(join(tmpdir(), 'squall-killed-'));
  const failpoint = join(stateFolder(process.env), FAILPOINT_FILE);
  try {
    const plan = join(folder, 'plan.yaml');
    await writeFile(plan, planOf(hurt));
    if (typeof at === 'string' && at !== 'holding') await writeFile(failpoint, at);
    const ended = await untilAccepted(plan, {
      outputDir: folder,
      ...(at === 'holding' ? { killAt: /fault hurt holding/ } : {}),
      ...(typeof at === 'number' ? { killAfterMs: at } : {}),
    });
    const entry = await entryOf(ended);
    return { ended, ...(entry === undefined ? {} : { entry }) };
  } finally {
    await rm(failpoint, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** A run that intended nothing has hurt nothing, and may be done again. */
async function untilAccepted(plan: string, watch: Watch): Promise<Ended> {
  const untilNs = clock.now().ns + STEADY_WITHIN_MS * 1e6;
  for (;;) {
    const ended = await squall(['run', plan, '--lab', 'reference', '--seed', '1'], watch);
    const refused = ended.code === 3 || (ended.code === 4 && (await entryOf(ended)) === undefined);
    if (!refused || clock.now().ns > untilNs) return ended;
    await clock.sleep({ ms: 1000 });
  }
}

async function entryOf({ says }: Ended): Promise<HealingEntry | undefined> {
  const run = /run (\d{8}-\d{6}-\w+): plan/.exec(says)?.[1];
  if (run === undefined) return undefined;
  return (await readJournal(createStateFolder(stateFolder(process.env)), run)).entries[0];
}
