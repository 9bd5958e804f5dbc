import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** What must be the same before and after, as sorted lines. */
export interface Traces {
  readonly processes: readonly string[];
  readonly ports: readonly string[];
  readonly network: readonly string[];
  readonly mounts: readonly string[];
  readonly temporary: readonly string[];
}

const OURS = /squall|rehearsal|dist\/src\/entries|src\/entries/;

function lines(command: string, args: readonly string[]): readonly string[] {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')
      .filter(Boolean)
      .sort();
  } catch {
    // Not every machine has every tool; what it lacks it cannot have used.
    return [];
  }
}

/**
 * Processes of ours, listening ports, namespaces, links, rules and routes, mounts, and temporary files of ours.
 * @param home what holds this path in its command line is of the test; other runs on the machine do not count.
 */
export function traces(home: string): Traces {
  const processes = lines('ps', ['-eo', 'pid=,args=']).filter(
    (line) => OURS.test(line) && line.includes(home),
  );
  const pids = processes.map((line) => `pid=${line.trim().split(/\s+/)[0] ?? ''},`);
  return {
    processes,
    ports: lines('ss', ['-Hltnp']).filter((line) => pids.some((pid) => line.includes(pid))),
    network: [
      ...lines('ip', ['netns', 'list']),
      ...lines('ip', ['rule']),
      ...lines('ip', ['route']),
      ...lines('ip', ['-o', 'link']).map((line) => line.split(' ').slice(0, 2).join(' ')),
    ],
    mounts: existsSync('/proc/mounts') ? lines('cat', ['/proc/mounts']) : [],
    // Tests make folders of their own, which they remove; Squall makes none here.
    temporary: readdirSync(tmpdir())
      .filter((name) => /^(squall|sq|rehearsal)/.test(name) && !/-\w{6}$/.test(name))
      .sort(),
  };
}
