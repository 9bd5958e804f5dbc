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

/** The command line as it was built, on the real state folder: the lab's state lies there. */
export function squall(
  args: readonly string[],
  watch: { readonly killAt?: RegExp; readonly outputDir?: string } = {},
): Promise<Ended> {
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
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, says }));
  });
}

export interface Killed {
  readonly says: string;
  readonly entry: HealingEntry;
}

/** How long a lab on which something came back a moment ago may not be steady yet. */
const STEADY_WITHIN_MS = 120_000;

/**
 * Runs it, and kills Squall while it holds, or in one of the gaps around the fault.
 * @throws when Squall was not killed, or had not intended to hurt: then nothing was proved.
 */
export async function hurtAndKill(hurt: Hurt, at: 'holding' | Failpoint): Promise<Killed> {
  const folder = await mkdtemp(join(tmpdir(), 'squall-killed-'));
  const failpoint = join(stateFolder(process.env), FAILPOINT_FILE);
  try {
    const plan = join(folder, 'plan.yaml');
    await writeFile(plan, planOf(hurt));
    if (at !== 'holding') await writeFile(failpoint, at);
    const ended = await untilAccepted(plan, folder, at === 'holding' ? /fault hurt holding/ : undefined);
    const entry = await entryOf(ended);
    if (ended.signal !== 'SIGKILL' || entry === undefined)
      throw new Error(`Squall was not killed in the middle (${ended.code ?? ended.signal}):\n${ended.says}`);
    return { says: ended.says, entry };
  } finally {
    await rm(failpoint, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** A run that intended nothing has hurt nothing, and may be done again. */
async function untilAccepted(plan: string, folder: string, killAt: RegExp | undefined): Promise<Ended> {
  const untilNs = clock.now().ns + STEADY_WITHIN_MS * 1e6;
  for (;;) {
    const ended = await squall(['run', plan, '--lab', 'reference', '--seed', '1'], {
      outputDir: folder,
      ...(killAt === undefined ? {} : { killAt }),
    });
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
