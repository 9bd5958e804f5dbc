import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { packageFolder } from '../../src/entries/places.ts';
import { PAIRS, type Pair } from './pairs.ts';
import { runPair, type Recovered } from './run-pair.ts';
import { set, USUAL } from './settings.ts';

/**
 * `npx tsx bench/recovery/recovery.ts [--repeats 3] [--seconds 540] [--only pattern] [--fresh] [--write]`, with the reference lab up and
 * Squall built: faults on a real cluster under timers of several lengths, and whether the way back falls into the window that was
 * predicted from these timers before. The state file holds what was measured; a next call goes on there. `--write` writes the
 * table into docs/recovery.md.
 */
const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '540' },
    only: { type: 'string', default: '' },
    fresh: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    state: { type: 'string', default: 'bench/.state/recovery.json' },
  },
});

/** At least this share of the recoveries that the probes could resolve lies in its window. */
const INSIDE = 0.95;

/** A cluster that is not steady yet refuses a run; so often is it asked again. */
const TRIES = 4;

/** A recovery takes about so long with everything around it. */
const ONE_TAKES_S = 150;

interface Seen extends Recovered {
  readonly at: string;
  readonly load: number;
}

const repeats = Number(values.repeats);
const state: Seen[] = values.fresh ? [] : readState();

function readState(): Seen[] {
  try {
    return JSON.parse(readFileSync(values.state, 'utf8')) as Seen[];
  } catch {
    return [];
  }
}

async function measure(pair: Pair, seed: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    const load = loadavg()[0] ?? 0;
    try {
      const found = await runPair(pair, seed);
      state.push({ ...found, at: new Date().toISOString(), load: Math.round(load * 10) / 10 });
      process.stdout.write(
        `${pair.name} ${seed}: ${found.against}, ${range(found.outage)} of ${range(found.predicted)}; ${found.says}\n`,
      );
      break;
    } catch (error) {
      process.stdout.write(`${pair.name} ${seed}: ${String(error)}\n`);
      if (tries === TRIES) throw error;
    }
  }
  mkdirSync(dirname(values.state), { recursive: true });
  writeFileSync(values.state, JSON.stringify(state, null, 1));
}

const shown = (ms: number): string => (ms / 1000).toFixed(1);
function range([min, max]: readonly [number, number]): string {
  return `${shown(min)} to ${shown(max)} s`;
}

/** What this call has changed on the lab, and gives back at its end. */
const changed = new Set<string>();
const begun = process.hrtime.bigint();
const secondsGone = (): number => Number(process.hrtime.bigint() - begun) / 1e9;
try {
  for (const pair of PAIRS.filter(({ name }) => name.includes(values.only))) {
    for (let seed = 1; seed <= repeats; seed++) {
      if (state.some((one) => one.pair === pair.name && one.seed === seed)) continue;
      if (secondsGone() + ONE_TAKES_S > Number(values.seconds)) break;
      if (pair.setting.timer !== 'none') changed.add(pair.setting.timer);
      await set(pair.setting);
      await measure(pair, seed);
    }
  }
} finally {
  for (const setting of USUAL) if (changed.has(setting.timer)) await set(setting);
}

const resolved = state.filter(({ against }) => against !== 'unknown');
const inside = resolved.filter(({ against }) => against === 'inside').length;
const complete = PAIRS.every(({ name }) => state.filter(({ pair }) => pair === name).length >= repeats);
if (values.write) writeTable();
const ok = complete && resolved.length > 0 && inside >= INSIDE * resolved.length;
process.stdout.write(
  `${JSON.stringify({ bench: 'recovery', ok, complete, recoveries: state.length, resolved: resolved.length, inside, seconds: Math.round(secondsGone()) })}\n`,
);
process.exitCode = ok ? 0 : 1;

/** Between the two marks of the page; what stands around them is written by hand. */
function writeTable(): void {
  const file = join(packageFolder(), 'docs', 'recovery.md');
  const [before = '', rest = ''] = readFileSync(file, 'utf8').split('<!-- recoveries -->\n');
  const after = rest.slice(rest.indexOf('<!-- end of recoveries -->'));
  const rows = PAIRS.map((pair) =>
    rowOf(
      pair,
      state.filter((one) => one.pair === pair.name),
    ),
  );
  const lock = parse(readFileSync(join(packageFolder(), 'reference', 'versions.lock.yaml'), 'utf8')) as {
    readonly parts: readonly { readonly name: string; readonly version: string }[];
  };
  const versions = ['kubernetes', 'etcd']
    .map((name) => `${name} ${lock.parts.find((part) => part.name === name)?.version ?? '?'}`)
    .join(', ');
  const last = state.at(-1);
  const seen = `Last seen ${last?.at.slice(0, 10) ?? ''} on ${cpus().length} cores, ${versions}, with \`npx tsx bench/recovery/recovery.ts\`: ${inside} of the ${resolved.length} outages that the probes resolve lie in their window; ${state.length - resolved.length} are unknown.`;
  const head =
    last === undefined ? 'Nothing was measured yet: `npx tsx bench/recovery/recovery.ts` does it.' : seen;
  const table = [
    '| fault and timer | predicted outage | measured, each run | against the window | redundancy back, after |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ];
  writeFileSync(file, `${before}<!-- recoveries -->\n\n${head}\n\n${table.join('\n')}\n\n${after}`);
}

function rowOf({ name, fault, setting }: Pair, runs: readonly Seen[]): string {
  const timer = setting.timer === 'none' ? '' : `, ${setting.timer} ${setting.ms / 1000} s`;
  const [first] = runs;
  if (first === undefined) return `| \`${fault}\`${timer} (${name}) | - | not measured yet | - | - |`;
  const against = [...new Set(runs.map((one) => one.against))]
    .map((one) => `${runs.filter((run) => run.against === one).length} ${one}`)
    .join(', ');
  const back = runs.map(({ redundancy }) => (redundancy === undefined ? 'not seen' : range(redundancy)));
  return `| \`${fault}\`${timer} | ${range(first.predicted)} | ${runs.map(({ outage }) => range(outage)).join('; ')} | ${against} | ${back.join('; ')} |`;
}
