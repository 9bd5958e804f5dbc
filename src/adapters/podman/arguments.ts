import type { JobSpec, MachineSpec, NetworkSpec } from '../../ports/container-engine.ts';
import type { Runtime } from './find-runtime.ts';

/** Internal: podman gives it no way out, and this host no address in it; whoever wants one there adds it. */
export function networkArguments({ name, subnet, labels }: NetworkSpec): readonly string[] {
  return ['network', 'create', '--internal', '--disable-dns', '--subnet', subnet, ...labelled(labels), name];
}

export function machineArguments(spec: MachineSpec, runtime: Runtime): readonly string[] {
  return [
    'run',
    '--detach',
    '--name',
    spec.name,
    '--hostname',
    spec.hostname,
    ...labelled(spec.labels),
    ...runtime.options,
    '--privileged',
    // podman's own way with systemd hands it the control groups of this host, where five of them meet and remove each other's.
    '--systemd=false',
    '--env=container=podman',
    '--stop-signal=SIGRTMIN+3',
    // Without a namespace of its own the kubelet sees half-mapped controllers on the first version of control groups.
    '--cgroupns=private',
    `--cgroup-parent=${spec.cgroupParent}`,
    `--cpu-shares=${spec.cpuShares}`,
    `--network=${spec.network.name}`,
    `--ip=${spec.network.address}`,
    `--mac-address=${spec.network.mac}`,
    // Names and resolvers of this host mean nothing in there.
    '--no-hosts',
    '--dns=none',
    '--pull=never',
    '--log-driver=k8s-file',
    ...spec.inMemory.map((folder) => `--tmpfs=${folder}:mode=0755,size=1g,exec`),
    ...spec.binds.map(bound),
    spec.image,
    '/sbin/init',
  ];
}

export function jobArguments(spec: JobSpec, runtime: Runtime): readonly string[] {
  return [
    'run',
    '--rm',
    '--name',
    spec.name,
    ...labelled(spec.labels),
    ...runtime.options,
    '--privileged',
    '--network=none',
    '--no-hosts',
    '--pull=never',
    '--tmpfs=/run',
    ...spec.binds.map(bound),
    '--entrypoint=',
    spec.image,
    ...spec.command,
  ];
}

const labelled = (labels: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);

const bound = ({ from, to, readOnly }: MachineSpec['binds'][number]): string =>
  `--volume=${from}:${to}${readOnly === true ? ':ro' : ''}`;
