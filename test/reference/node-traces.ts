import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { NODE_SHAPES } from '../../src/labs/reference/shape.ts';
import { clock, lab, openCluster } from './the-lab.ts';

const run = promisify(execFile);

/** A node whose processors are taken away answers late, and that is not what is looked for. */
const SLOW_NODE_MS = 15_000;

/**
 * Rules, timers, parked manifests and units, each in a line that tells what it is. In real time where that is allowed: what is looked
 * at may have ended before a host without processors has come to look.
 */
const ON_NODE = `
chrt --rr --pid 1 $$ 2>/dev/null
for each in inet netdev; do nft list table $each squall_links; done | grep -n -A3 elements | sed 's/expires [^ ,}]*//g; s/^/rule /'
nft list tables | grep -v kube-proxy | sed 's/^/nft /'
tc qdisc show dev eth0 | sed 's/refcnt.*//; s/^/qdisc /'
ip -o link show | grep -o 'sqd-[0-9a-f]*' | sed 's/^/relay /'
ip rule | sed -n 's/^5351:/relay rule/p'
for each in kubelet containerd keepalived; do echo "unit $each $(systemctl is-active $each)"; done
systemctl list-units --all --plain --no-legend 'squall-again*' 'squall-st*' 'squall-link-*' | awk '{ print "timer " $1 }'
pgrep --full --list-full -- 'node-pressure [h]old' | grep -o 'kind [a-z]*' | sed 's/^kind/pressure/'
[ $(($(cat /proc/sys/net/netfilter/nf_conntrack_count) * 10)) -lt $(($(cat /proc/sys/net/netfilter/nf_conntrack_max) * 9)) ] || echo 'connections many'
for each in kubelet kube-apiserver; do
  for pid in $(pgrep --exact $each); do
    [ "$(awk '/open files/ { print $4 }' /proc/$pid/limits)" -gt 2000 ] || echo "limit $each"
  done
done
systemctl list-units --all --plain --no-legend 'squall-pressure-*' | awk '{ print "timer " $1 }'
for each in $(ls /etc/kubernetes/manifests); do echo "manifest $each"; done
for each in $(ls /etc/kubernetes/squall-away 2>/dev/null); do echo "away $each"; done
true`;

/**
 * What faults change, looked at with the tools of this host and not through Squall's own adapters: one line for each rule, unit,
 * timer, manifest, power state, freezer, cordon, and what each node answers.
 */
export async function nodeTraces(): Promise<readonly string[]> {
  const nodes = await Promise.all(NODE_SHAPES.map(({ name }) => tracesOf(name)));
  return [...nodes.flat(), ...(await cordons())].sort();
}

/** By its number, and not through podman, which waits for whatever else it is asked on this host. */
async function tracesOf(node: string): Promise<readonly string[]> {
  const pid = await pidOf(node);
  const frozen = /^(FROZEN|1)$/.test(freezerOf(pid));
  const into = ['--target', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup'];
  const inside =
    pid !== 0 && !frozen
      ? await run('nsenter', [...into, '/bin/sh', '-c', ON_NODE], { timeout: SLOW_NODE_MS }).then(
          ({ stdout }) => stdout.trim().split('\n'),
          () => ['cannot be asked'],
        )
      : [];
  const answers = (await lab.abilities.look?.(node, { ms: 1000 })) ?? '?';
  const power = pid === 0 ? 'exited' : frozen ? 'paused' : 'running';
  return [...inside, `power ${power}`, `freezer ${freezerOf(pid)}`, `asked from the host: ${answers}`].map(
    (line) => `${node}: ${line}`,
  );
}

const pidFiles = new Map<string, string>();

/** The number of the first process of a node; 0 while it is off. Containers stay the same as long as the lab does. */
async function pidOf(node: string): Promise<number> {
  let file = pidFiles.get(node);
  if (file === undefined || !existsSync(dirname(file))) {
    const { stdout } = await run('podman', ['inspect', '--format', '{{.PidFile}}', `squall-${node}`]);
    file = stdout.trim();
    pidFiles.set(node, file);
  }
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // What was not waited for yet has ended all the same.
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) ? 0 : pid;
  } catch {
    return 0;
  }
}

function freezerOf(pid: number): string {
  if (pid === 0) return 'none';
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const [old] = lines.filter((line) => line.includes(':freezer:'));
  const path = (old ?? lines.find((line) => line.startsWith('0::')) ?? '').split(':').at(-1) ?? '';
  const file =
    old === undefined
      ? join('/sys/fs/cgroup', path.replace(/\/init\.scope$/, ''), 'cgroup.freeze')
      : join('/sys/fs/cgroup/freezer', path, 'freezer.state');
  return readFileSync(file, 'utf8').trim();
}

async function cordons(): Promise<readonly string[]> {
  const cluster = await openCluster();
  try {
    const late = clock.sleep({ ms: 2000 }).then(() => undefined);
    const nodes = await Promise.race([cluster.list('/api/v1/nodes'), late]);
    if (nodes === undefined) return ['the API does not answer'];
    return nodes
      .filter(({ spec }) => spec['unschedulable'] === true)
      .map(({ metadata }) => `${metadata.name}: cordoned`);
  } finally {
    cluster.close();
  }
}

/** Lines of a diff; empty when both are the same. */
export const differences = (before: readonly string[], now: readonly string[]): readonly string[] => [
  ...before.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
  ...now.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
];

/**
 * Looks until all is as before, or the time is over; a look that began too late proves nothing.
 * @returns what is not, and when the last look began, on the host's clock.
 */
export async function untilAsBefore(
  before: readonly string[],
  untilNs: number,
): Promise<{ readonly left: readonly string[]; readonly lookedNs: number }> {
  let left: readonly string[] = ['it was not looked at in time'];
  for (;;) {
    const lookedNs = clock.now().ns;
    if (lookedNs > untilNs) return { left, lookedNs };
    left = differences(before, await nodeTraces());
    if (left.length === 0) return { left, lookedNs };
    await clock.sleep({ ms: 100 });
  }
}
