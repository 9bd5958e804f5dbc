import { ABILITIES } from '../../../src/model/abilities.ts';
import type { Plan, FaultStep, Limits, Selector, Step } from '../../../src/model/plan.ts';
import type { BoundTarget } from '../../../src/model/schedule.ts';
import type { Service, Topology } from '../../../src/model/topology.ts';

export const LIMITS: Limits = {
  maxTargets: 1,
  maxShare: 0.5,
  protectedNamespaces: [],
  protectedNodes: [],
  maxUnseen: 0.02,
  maxDuration: { ms: 30 * 60_000 },
};

export interface ServiceShape {
  readonly workload: string;
  readonly nodes: readonly string[];
  readonly roles?: readonly string[];
  readonly kind?: Service['kind'];
  readonly namespace?: string;
  readonly needed?: number;
  readonly minAvailable?: number;
  /** Ranks that are not ready. */
  readonly unready?: readonly number[];
}

export function topologyOf(nodes: readonly string[], shapes: readonly ServiceShape[]): Topology {
  const services = shapes.map((shape): Service => {
    const { workload, kind = 'deployment', namespace = 'openstack' } = shape;
    return {
      id: `cluster/${namespace}/${workload}`,
      system: 'cluster',
      namespace,
      workload,
      kind,
      service: workload,
      component: 'server',
      roles: shape.roles ?? [],
      labels: { application: workload },
      replicas: shape.nodes.length,
      members: shape.nodes.map((node, rank) => ({ rank, node })),
      ...(shape.needed === undefined ? {} : { quorum: { size: shape.nodes.length, needed: shape.needed } }),
      ...(shape.minAvailable === undefined ? {} : { minAvailable: shape.minAvailable }),
      ...(kind === 'unit' ? { unit: workload } : {}),
    };
  });
  return {
    schemaVersion: 1,
    lab: 'model',
    owned: true,
    systems: [
      {
        name: 'cluster',
        kind: 'kubernetes',
        distribution: 'kubeadm',
        version: '1.33',
        identity: 'uid-of-kube-system',
      },
    ],
    nodes: nodes.map((name) => ({
      name,
      system: 'cluster',
      roles: [name.startsWith('control') ? 'control' : 'compute'],
      labels: {},
      addresses: [],
      units: [
        'kubelet',
        ...services
          .filter(({ kind, members }) => kind === 'unit' && members.some(({ node }) => node === name))
          .map(({ workload }) => workload),
      ],
    })),
    services,
    endpoints: [],
    timers: [],
    abilities: ABILITIES.filter((ability) => !['exec', 'snapshot', 'node-clock'].includes(ability)),
    missingAbilities: [],
    disclosures: [],
    live: {
      nodes: nodes.map((name) => ({ name, uid: `uid-${name}`, ready: true, schedulable: true })),
      members: services.flatMap((service, n) =>
        service.members.map(({ rank, node }) => ({
          service: service.id,
          rank,
          name: service.kind === 'unit' ? node : `${service.workload}-${rank}`,
          uid: `uid-${service.workload}-${rank}`,
          node,
          ready: !(shapes[n]?.unready ?? []).includes(rank),
        })),
      ),
      holders: [{ what: 'api-address', node: nodes[0] ?? '' }],
    },
  };
}

export const CONTROL = ['control-1', 'control-2', 'control-3'] as const;
export const NODES = [...CONTROL, 'compute-1', 'compute-2'];

/** The reference shape, as far as these tests need it. */
export const reference = (): Topology =>
  topologyOf(NODES, [
    { workload: 'etcd', nodes: CONTROL, kind: 'unit', namespace: 'kube-system', needed: 2, roles: ['etcd'] },
    {
      workload: 'mariadb',
      nodes: CONTROL,
      kind: 'statefulset',
      needed: 2,
      minAvailable: 2,
      roles: ['database'],
    },
    { workload: 'keystone-api', nodes: CONTROL, minAvailable: 1, roles: ['api'] },
    { workload: 'glance-api', nodes: CONTROL.slice(0, 2), minAvailable: 1, roles: ['api'] },
    { workload: 'nova-compute', nodes: ['compute-1', 'compute-2'], kind: 'daemonset', roles: ['agent'] },
  ]);

export function faultStep(
  name: string,
  fault: string,
  selector: Selector,
  more: Partial<FaultStep> = {},
): FaultStep {
  const lasts = !['pod-delete', 'container-kill', 'node-reboot'].includes(fault);
  return {
    kind: 'fault',
    name,
    fault,
    selector,
    mode: { kind: 'one' },
    duration: { ms: lasts ? 10_000 : 0 },
    parameters: {},
    ...more,
  };
}

/** A node, or its links, as it is bound when its turn has come. */
export const boundNode = (name: string, subject: 'node' | 'link' = 'node'): BoundTarget => ({
  subject,
  node: name,
  name,
  uid: `uid-${name}`,
});

export function planOf(method: readonly Step[], limits: Partial<Limits> = {}): Plan {
  return {
    schemaVersion: 1,
    name: 'test',
    learns: 'Whether it holds.',
    parameters: {},
    conformance: {},
    probes: [],
    watchers: [],
    method,
    objectives: [],
    guards: [],
    limits: { ...LIMITS, ...limits },
    baseline: { ms: 0 },
  };
}
