import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '../../src/entries/places.ts';

const said = (program: string, ...given: string[]): string =>
  execFileSync(program, given, { encoding: 'utf8' });

/**
 * Everything of this host that a reference lab could leave changed, looked at with the tools of the host. Containers of others come
 * and go on it meanwhile, so what can be told from theirs is.
 */
export function hostTraces(): Record<string, unknown> {
  const groups = readdirSync('/sys/fs/cgroup', { recursive: false, encoding: 'utf8' });
  return {
    containers: said('podman', 'ps', '--all', '--external', '--format', '{{.Names}}')
      .split('\n')
      .filter((name) => /^squall-(control|compute|template)/.test(name)),
    networks: said('podman', 'network', 'ls', '--format', '{{.Name}}')
      .split('\n')
      .filter((name) => name.startsWith('squall')),
    links: readdirSync('/sys/class/net').filter(isOurs).sort(),
    routes: said('ip', 'route')
      .split('\n')
      .filter((line) => /\b10\.(77|96|244)\./.test(line))
      .sort(),
    rules: ['iptables-save', 'ip6tables-save'].map(rulesOf),
    mounts: readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes('/labs/reference/')),
    loops: said('losetup', '--list', '--noheadings', '--output', 'BACK-FILE')
      .split('\n')
      .filter((line) => line.includes('/labs/reference/')),
    groups: groups.filter((name) => existsSync(join('/sys/fs/cgroup', name, 'squall-reference'))),
    forwards: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
    processes: marked(),
    state: existsSync(join(stateFolder(process.env), 'labs', 'reference')),
  };
}

/** The bridge, by the address that nodes know it by, and what is plugged into it. */
function isOurs(link: string): boolean {
  const read = (path: string): string => {
    try {
      return readFileSync(join('/sys/class/net', path), 'utf8');
    } catch {
      return '';
    }
  };
  return [`${link}/address`, `${link}/master/address`].some((path) => read(path).startsWith('02:53:51:'));
}

/** Rules that name the lab's addresses; others of this host come and go without us. */
function rulesOf(program: string): readonly string[] {
  try {
    return said(program)
      .split('\n')
      .filter((line) => line.includes('10.77.0.') || line.includes('squall'));
  } catch {
    return [];
  }
}

/** Processes that live in the lab's control group, whatever their names. */
function marked(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(join('/proc', pid, 'cgroup'), 'utf8').includes('squall-reference');
      } catch {
        return false;
      }
    });
}
