import type { Ability, MissingAbility } from './abilities.ts';
import type { Duration } from './duration.ts';

/**
 * What runs where, as found or as deployed. The part that a schedule is drawn from holds only stable identities; what changes
 * from one start to the next (UIDs, pod names, addresses of pods) is in `live`, so `canonicalTopology` is a matter of leaving
 * it out.
 */
export interface Topology {
  readonly schemaVersion: 1;
  readonly lab: string;
  /** True when Squall deployed it: then it may power its nodes. */
  readonly owned: boolean;
  readonly systems: readonly System[];
  readonly nodes: readonly TopologyNode[];
  readonly services: readonly Service[];
  readonly endpoints: readonly Endpoint[];
  readonly timers: readonly Timer[];
  /** Timers that decide something here and whose value nobody could say. Absent: none. */
  readonly unknownTimers?: readonly Unknown[];
  /** Kinds of objects that could not be looked at, such as `poddisruptionbudgets`: what hangs on them is not proved. Absent: none. */
  readonly blindness?: readonly Unknown[];
  readonly abilities: readonly Ability[];
  readonly missingAbilities: readonly MissingAbility[];
  /** What is not real here; every report prints them. */
  readonly disclosures: readonly string[];
  readonly live: LiveState;
}

/** Something that could not be found out; never to be read as "it is not there". */
export interface Unknown {
  readonly what: string;
  /** Why, in a sentence. */
  readonly reason: string;
  readonly remedy?: string;
}

/** One cluster or one cloud under test. */
export interface System {
  readonly name: string;
  readonly kind: 'kubernetes' | 'openstack';
  /** Which distribution was recognised, such as `kubeadm`, `openstack-helm`, `rehearsal`. */
  readonly distribution: string;
  readonly version: string;
  /** The UID of `kube-system`, or the Keystone endpoint. */
  readonly identity: string;
}

export interface TopologyNode {
  readonly name: string;
  /** The system that provides it: a Kubernetes node may be a server of an OpenStack. */
  readonly system: string;
  /** `control`, `compute`, and what moves between nodes at run time is in `LiveState.holders` instead. */
  readonly roles: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  /** Units on this node that can be stopped, by their names on the node. */
  readonly units: readonly string[];
}

/** One workload: a Deployment, StatefulSet, DaemonSet, or a unit that runs once on several nodes (static pods among them). */
export interface Service {
  /** Unique: `<system>/<namespace>/<workload>`. */
  readonly id: string;
  readonly system: string;
  readonly namespace: string;
  readonly workload: string;
  readonly kind: 'deployment' | 'statefulset' | 'daemonset' | 'unit';
  /** The product it is part of, such as `keystone`, `nova`, `etcd`, `kube-apiserver`. */
  readonly service: string;
  readonly component: string;
  /** What it is for: `api`, `database`, `queue`, `cache`, `agent`, `controller`, `dns`. */
  readonly roles: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly replicas: number;
  /** One for each replica, by rank; the node where it is expected to run, where that is fixed or was seen. */
  readonly members: readonly Member[];
  /** For services that need a majority: members that must stay. */
  readonly quorum?: {
    readonly size: number;
    readonly needed: number;
    /** Workloads with the same group vote together, and `size` and `needed` are those of the group. Absent: alone. */
    readonly group?: string;
  };
  /** From a PodDisruptionBudget: members that must stay available. */
  readonly minAvailable?: number;
  /** The name of the unit on the node, for kind `unit`. */
  readonly unit?: string;
}

export interface Member {
  readonly rank: number;
  readonly node: string;
}

/** What changes between one start and the next; never part of what a schedule is drawn from. */
export interface LiveState {
  readonly nodes: readonly LiveNode[];
  readonly members: readonly LiveMember[];
  /** Who holds what right now: leases, leaders and addresses, by name, such as `api-address` or `kube-scheduler`. */
  readonly holders: readonly { readonly what: string; readonly node: string }[];
  /** What somebody holds, without it being known who. Absent: none. */
  readonly unknownHolders?: readonly Unknown[];
  /** What Squall itself runs on, or reaches the system through. Absent: nothing of it stands in the system. */
  readonly ownPath?: readonly OwnPath[];
}

/** Something that Squall cannot do without: hurt, it could neither see nor heal. */
export interface OwnPath {
  readonly node: string;
  /** The service on that node that it needs, by `Service.id`. Absent: the node as such. */
  readonly service?: string;
  /** The pod that it runs in. */
  readonly pod?: { readonly namespace: string; readonly name: string };
  /** Why, such as `Squall runs on it`. */
  readonly says: string;
}

export interface LiveNode {
  readonly name: string;
  readonly uid: string;
  /** Changes with every start of the machine. Absent where its kubelet does not say. */
  readonly boot?: string;
  /** The machine or server behind the name, as whoever provides it calls it. Absent where nobody says. */
  readonly provider?: string;
  /**
   * When it last said how it is, as it wrote it: a kubelet that starts says so anew, and until then the API repeats what it said
   * before. Absent where it does not say.
   */
  readonly said?: string;
  readonly ready: boolean;
  readonly schedulable: boolean;
}

export interface LiveMember {
  readonly service: string;
  readonly rank: number;
  /** Pod name; the node's name for a unit. */
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly ready: boolean;
}

/** Where a system answers its users. */
export interface Endpoint {
  /** Unique, such as `kubernetes`, `keystone`, `nova`. */
  readonly name: string;
  readonly system: string;
  readonly url: string;
  /** The service whose members stand behind it, by `Service.id`. */
  readonly service?: string;
  /** PEM of the authority that signed it, where it is not a public one. */
  readonly ca?: string;
}

/** A time that decides how fast the system notices or mends something, as configured live. */
export interface Timer {
  /** A stable name, such as `node-monitor-grace-period` or `keepalived.advert-interval`. */
  readonly name: string;
  readonly value: Duration;
  /** Where it was read. */
  readonly source: string;
  /** `read`: set or said explicitly; `default`: what its software does where nobody set it. Absent in older runs. */
  readonly origin?: 'read' | 'default';
}

/** The same topology without anything that changes between two starts. */
export function canonicalTopology(topology: Topology): Omit<Topology, 'live'> {
  const { live: _live, ...canonical } = topology;
  return canonical;
}
