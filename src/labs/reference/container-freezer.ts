import type { ContainerFreezer } from '../../ports/lab.ts';
import type { LabTools } from './lab-tools.ts';
import { mustOnNode } from './node-exec.ts';

const CTR = 'ctr --namespace k8s.io';
const TIMERS = 'squall-thaw';

/** Ids are hexadecimal, and long; the beginning tells them apart on one node. */
const timerOf = (id: string): string => `${TIMERS}-${id.slice(0, 12)}`;
const sayable = (mark: string): string => mark.replace(/[^\w./:@#-]/g, '_');

/** The timer is there before anything stops, and its description tells which fault froze what. */
export function freezing(id: string, mark: { readonly id: string; readonly ms: number }): string {
  const timer = timerOf(id);
  return `systemctl stop ${timer}.timer 2>/dev/null || true
systemctl reset-failed ${timer}.service 2>/dev/null || true
systemd-run --quiet --unit=${timer} --description="squall ${sayable(mark.id)} ${id}" --on-active=${Math.max(1, mark.ms) / 1000}s \
  --timer-property=AccuracySec=50ms ${CTR} tasks resume ${id}
${CTR} tasks pause ${id}`;
}

/**
 * Does nothing where it runs already or is gone. Where it is still frozen, or nobody can be asked, it fails, and the timer stays: it is
 * what thaws at the declared end.
 */
export const thawing = (id: string): string => `if ! ${CTR} tasks resume ${id} 2>/dev/null; then
  said=$(${asking(id)}) || { echo "whether ${id} is frozen could not be asked" >&2; exit 1; }
  ! echo "$said" | grep -Eq '${FROZEN.source}' || { echo "${id} is still frozen" >&2; exit 1; }
fi
systemctl stop ${timerOf(id)}.timer 2>/dev/null
true`;

/** As either version of control groups says it. */
const FROZEN = /^FROZEN|^frozen 1$/m;

/** The kernel's own word: what the runtime notes of a container may be older. Fails where containerd does not list what it has. */
export const asking = (id: string): string => `list=$(${CTR} tasks list) || exit 1
pid=$(echo "$list" | awk '$1 == "${id}" { print $2 }')
[ -n "$pid" ] || { echo gone; exit 0; }
old=$(sed -n 's/^[0-9]*:freezer://p' /proc/$pid/cgroup)
new=$(sed -n 's/^0:://p' /proc/$pid/cgroup)
if [ -n "$old" ]; then cat "/sys/fs/cgroup/freezer$old/freezer.state"; else cat "/sys/fs/cgroup$new/cgroup.events"; fi`;

export const readState = (said: string): 'frozen' | 'runs' | 'gone' =>
  said.trim() === 'gone' ? 'gone' : FROZEN.test(said) ? 'frozen' : 'runs';

const LISTING = `systemctl list-units --plain --no-legend '${TIMERS}-*.timer'; true`;

/** @param said what `systemctl list-units` printed. */
export const readFrozen = (said: string): readonly { readonly id: string; readonly by: string }[] =>
  [...said.matchAll(/ squall (\S+) ([0-9a-f]+)$/gm)].map(([, by = '', id = '']) => ({ id, by }));

/** Containers of pods are frozen by the containerd of their node, and thawed by a timer of the node's own. */
export function containerFreezerOf(tools: LabTools): ContainerFreezer {
  const on = (node: string, script: string): Promise<string> =>
    mustOnNode(tools, node, ['/bin/sh', '-c', script]);
  return {
    async freeze(node, id, { id: mark, thawAfter }) {
      await on(node, `set -e\n${freezing(id, { id: mark, ms: thawAfter.ms })}`);
    },
    async thaw(node, id) {
      await on(node, thawing(id));
    },
    state: async (node, id) => readState(await on(node, asking(id))),
    frozen: async (node) => readFrozen(await on(node, LISTING)),
  };
}
