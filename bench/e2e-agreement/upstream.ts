import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/adapters/parts/run-program.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Ended } from './agreement.ts';
import { endedBy, focusOn } from './ginkgo-report.ts';

export interface Upstream {
  /** Paths of programs. */
  readonly e2e: string;
  readonly kubectl: string;
  readonly kubeconfig: string;
  /** How many nodes there are; asked of the cluster, upstream would not begin while a defect stands. */
  readonly nodes: number;
  /** How long one check may take. One that takes longer has failed: upstream itself waits up to fifteen minutes for what a defect prevents. */
  readonly limitS: number;
  /** How many checks run beside each other, each in a process of its own. */
  readonly atOnce: number;
  readonly clock: Clock;
  readonly report: (says: string) => void;
}

/** From the end of a check's time until it has removed what it made. */
const GRACE_S = 30;

/** Reading the names of all its tests takes seconds, on a busy machine more. */
const START_S = 60;

export interface Their {
  readonly ended: Ended;
  readonly why?: string;
  readonly seconds: number;
}

/** Runs upstream's checks by their names. @throws the signal's reason. */
export async function runUpstream(
  checks: readonly string[],
  upstream: Upstream,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Their>> {
  const waiting = [...checks];
  const found = new Map<string, Their>();
  const lane = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift())
      found.set(check, await runOne(check, upstream, signal));
  };
  await Promise.all(Array.from({ length: upstream.atOnce }, lane));
  return found;
}

async function runOne(check: string, upstream: Upstream, signal: AbortSignal): Promise<Their> {
  const { clock, limitS, report } = upstream;
  const folder = await mkdtemp(join(tmpdir(), 'squall-e2e-'));
  const begun = clock.now().ns;
  try {
    const { code, lines } = await runProgram(
      upstream.e2e,
      argumentsFor(check, upstream, folder),
      // What it makes is removed by itself when it is asked to end.
      { cwd: folder, clock, stop: 'ask', limitMs: (START_S + limitS + GRACE_S) * 1000 },
      signal,
    );
    const text = await readFile(reportIn(folder), 'utf8').catch(() => undefined);
    const ended =
      text === undefined
        ? { ended: 'unknown' as const, why: `no report, exit code ${code}: ${lines.slice(-3).join(' | ')}` }
        : endedBy(text, check);
    const seconds = Math.round((clock.now().ns - begun) / 1e9);
    report(`e2e.test: ${ended.ended} after ${seconds} s: ${check}${'why' in ended ? ` (${ended.why})` : ''}`);
    return { ...ended, seconds };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const reportIn = (folder: string): string => join(folder, 'report.json');

/** What upstream's program is called with for one check. */
export function argumentsFor(
  check: string,
  { kubectl, kubeconfig, nodes, limitS }: Pick<Upstream, 'kubectl' | 'kubeconfig' | 'nodes' | 'limitS'>,
  folder: string,
): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--kubectl-path=${kubectl}`,
    '--provider=skeleton',
    `--e2e-output-dir=${folder}`,
    // With a defect, no wait before a check ends: neither for nodes and pods of the system before the first, nor for nodes after each.
    '--allowed-not-ready-nodes=-1',
    '--minStartupPods=-1',
    `--num-nodes=${nodes}`,
    '--dump-logs-on-failure=false',
    '--disable-log-dump=true',
    `--ginkgo.focus=${focusOn(check)}`,
    `--ginkgo.timeout=${limitS}s`,
    `--ginkgo.grace-period=${GRACE_S}s`,
    `--ginkgo.json-report=${reportIn(folder)}`,
    '--ginkgo.no-color',
  ];
}
