import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '../../src/entries/places.ts';

const said = (program: string, ...given: string[]): string =>
  execFileSync(program, given, { encoding: 'utf8' });

/** Everything of this host that a lab could leave changed. */
export function hostTraces(): Record<string, unknown> {
  const groups = readdirSync('/sys/fs/cgroup', { recursive: false, encoding: 'utf8' });
  return {
    containers: said('podman', 'ps', '--all', '--external', '--format', '{{.Names}}')
      .split('\n')
      .filter((name) => name.startsWith('squall-control') || name.startsWith('squall-compute')),
    networks: said('podman', 'network', 'ls', '--format', '{{.Name}}').split('\n').sort(),
    routes: said('ip', 'route').split('\n').sort(),
    mounts: readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes('/labs/reference/')),
    loops: said('losetup', '--list', '--noheadings', '--output', 'BACK-FILE')
      .split('\n')
      .filter((line) => line.includes('/labs/reference/')),
    groups: groups.filter((name) => existsSync(join('/sys/fs/cgroup', name, 'squall-reference'))),
    forwards: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
    state: existsSync(join(stateFolder(process.env), 'labs', 'reference')),
  };
}
