import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, call } from '../samples-query/python.ts';
import type { Noted } from './sampler-loops.ts';

const START_WITHIN_MS = 120_000;

/** Chaos Toolkit from PyPI, in an environment of its own that is made once. @throws where there is no Python. */
export function chaosProgram(): string {
  const place = join(CACHE, 'chaostoolkit');
  const program = join(place, 'bin', 'chaos');
  if (existsSync(program) && spawnSync(program, ['--version']).status === 0) return program;
  mkdirSync(CACHE, { recursive: true });
  call('python3', ['-m', 'venv', place]);
  call(join(place, 'bin', 'python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    'chaostoolkit',
  ]);
  return program;
}

export const chaosVersion = (): string => call(chaosProgram(), ['--version']).trim();

/**
 * An experiment whose hypothesis is that the target answers 200, looked at every second while its only action waits. One
 * experiment for each target: within one, the first probe that fails keeps the others of that round from being asked.
 */
const experiment = (port: number, seconds: number): unknown => ({
  title: 'how long a target was away',
  description: 'asks as often as it can',
  'steady-state-hypothesis': {
    title: 'the target answers',
    probes: [
      {
        type: 'probe',
        name: 'answers',
        tolerance: 200,
        provider: { type: 'http', url: `http://127.0.0.1:${port}/`, timeout: 1 },
      },
    ],
  },
  method: [
    {
      type: 'action',
      name: 'wait',
      provider: { type: 'process', path: 'sleep', arguments: String(seconds) },
    },
  ],
  rollbacks: [],
});

interface Journal {
  readonly steady_states: {
    readonly during: readonly {
      readonly probes: readonly { readonly start: string; readonly tolerance_met?: boolean }[];
    }[];
  };
}

export interface ChaosToolkit {
  /** Waits for its end. @returns what its journals say, by the place of the port. */
  finish(): Promise<readonly (readonly Noted[])[]>;
}

/** Starts it for each target, and resolves once all of them look. */
export async function startChaosToolkit(
  ports: readonly number[],
  folder: string,
  seconds: number,
): Promise<ChaosToolkit> {
  mkdirSync(folder, { recursive: true });
  const children = ports.map((port, index): ChildProcess => {
    const file = join(folder, `experiment-${index}.json`);
    writeFileSync(file, JSON.stringify(experiment(port, seconds)));
    const journal = ['--journal-path', `journal-${index}.json`];
    const hypothesis = ['--hypothesis-strategy', 'continuously', '--hypothesis-frequency', '1'];
    return spawn(
      chaosProgram(),
      ['--no-version-check', 'run', ...hypothesis, ...journal, `experiment-${index}.json`],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
  });
  const ended = children.map((child) => once(child, 'exit'));
  await Promise.all(children.map(begun));
  const clocks = { wallMs: Date.now(), ns: Number(process.hrtime.bigint()) };
  return {
    async finish() {
      await Promise.all(ended);
      return ports.map((_, index) => read(join(folder, `journal-${index}.json`), clocks));
    },
  };
}

async function begun(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const heard = (bytes: Buffer): void => {
      said += bytes.toString();
      if (said.includes('continuously')) resolve();
    };
    child.stdout?.on('data', heard);
    child.stderr?.on('data', heard);
    child.once('exit', () => reject(new Error(`Chaos Toolkit ended before it looked: ${said.slice(-2000)}`)));
    setTimeout(
      () => reject(new Error(`Chaos Toolkit did not begin: ${said.slice(-2000)}`)),
      START_WITHIN_MS,
    ).unref();
  });
}

/** Its journal stamps the start of each probe with the calendar, without a zone: it is UTC. */
function read(file: string, clocks: { readonly wallMs: number; readonly ns: number }): readonly Noted[] {
  const { steady_states } = JSON.parse(readFileSync(file, 'utf8')) as Journal;
  return steady_states.during.flatMap(({ probes }) =>
    probes.map(({ start, tolerance_met }) => ({
      atNs:
        clocks.ns +
        (Date.parse(/[zZ]|[+-]\d\d:\d\d$/.test(start) ? start : `${start}Z`) - clocks.wallMs) * 1e6,
      ok: tolerance_met === true,
    })),
  );
}
