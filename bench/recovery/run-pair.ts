import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Analysis } from '../../src/model/analysis.ts';
import type { InjectionRecord } from '../../src/model/injection.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { planOf, type Pair } from './pairs.ts';

/** One recovery, in milliseconds. */
export interface Recovered {
  readonly pair: string;
  readonly seed: number;
  readonly target: string;
  readonly verdict: string;
  readonly exit: number;
  readonly predicted: readonly [min: number, max: number];
  readonly outage: readonly [min: number, max: number];
  readonly against: 'inside' | 'shorter' | 'longer' | 'unknown';
  /** Where redundancy was seen to be back. */
  readonly redundancy?: readonly [min: number, max: number];
  readonly predictedRedundancy: readonly [min: number, max: number];
  readonly says: string;
}

const read = async <T>(folder: string, file: string): Promise<T> =>
  JSON.parse(await readFile(join(folder, file), 'utf8')) as T;

/** Runs the real command line once. @throws when it left no analysis of one recovery: nothing was measured then. */
export async function runPair(pair: Pair, seed: number): Promise<Recovered> {
  const work = await mkdtemp(join(tmpdir(), 'squall-recovery-'));
  try {
    const plan = join(work, 'plan.yaml');
    await writeFile(plan, planOf(pair));
    const { exit, says } = await squall([
      ...['run', plan, '--lab', 'reference', '--seed', String(seed), '--yes'],
      ...['--output-dir', join(work, 'reports')],
    ]);
    const [run] = await readdir(join(work, 'reports')).catch(() => []);
    if (run === undefined) throw new Error(`${pair.name} did not begin: ${says}`);
    return await readRun(pair, seed, exit, join(work, 'reports', run));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function readRun(pair: Pair, seed: number, exit: number, folder: string): Promise<Recovered> {
  const verdict = await read<Verdict>(folder, 'verdict.json');
  const [recovery] = (await read<Analysis>(folder, 'analysis.json')).recoveries;
  if (recovery?.predicted === undefined)
    throw new Error(`${pair.name} was not injected: ${verdict.headline}`);
  const { injections } = await read<{ readonly injections: readonly InjectionRecord[] }>(
    folder,
    'chaos.json',
  );
  const { outage, redundancyBack, predicted } = recovery;
  return {
    pair: pair.name,
    seed,
    target: (injections[0]?.targets ?? [])
      .map(({ name, node }) => (name === node ? node : `${name} on ${node}`))
      .join(', '),
    verdict: verdict.truth,
    exit,
    predicted: [predicted.outage.min.ms, predicted.outage.max.ms],
    outage: [outage.min, outage.max],
    against: recovery.againstPrediction,
    ...(redundancyBack === undefined
      ? {}
      : { redundancy: [redundancyBack.min, redundancyBack.max] as const }),
    predictedRedundancy: [predicted.redundancy.min.ms, predicted.redundancy.max.ms],
    says: verdict.headline,
  };
}

async function squall(args: readonly string[]): Promise<{ readonly exit: number; readonly says: string }> {
  const child = spawn(process.execPath, ['dist/cli/squall.mjs', ...args], {
    env: { ...process.env, CI: 'true' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let says = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (says += text));
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit: exit ?? -1, says: says.trimEnd().split('\n').slice(-4).join(' ') };
}
