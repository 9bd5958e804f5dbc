import type { Ability, MissingAbility, PressureKind } from '../model/abilities.ts';
import type { Duration } from '../model/duration.ts';

/** How clients reach what a lab serves: ordinary files, as any other tool would use them. */
export interface LabConnection {
  /** A file, several as KUBECONFIG names them, or the folder of a pod's own service account. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cloudsYaml?: string;
  readonly cloud?: string;
  /**
   * Base URLs of single API servers of the cluster, apart from the address that the kubeconfig names. Watches follow them all,
   * so that they are blind only when none can be reached.
   */
  readonly apiServers?: readonly string[];
}

export interface LabNode {
  readonly name: string;
  readonly roles: readonly string[];
  readonly addresses: readonly string[];
  readonly power: 'on' | 'off' | 'frozen' | 'unknown';
}

export interface LabStatus {
  readonly state: 'up' | 'down' | 'partly-up';
  readonly nodes: readonly LabNode[];
  readonly connection: LabConnection;
}

/** What someone who asks from outside gets: an answer, a refusal at once, or silence until the time is over. */
export type Look = 'answers' | 'refused' | 'silent';

/** Where Squall runs against. What it can do beyond that is in `abilities`: each is there or not. */
export interface Lab {
  readonly name: string;
  /** True when Squall deployed it. */
  readonly owned: boolean;
  /** What is not real here. */
  readonly disclosures: readonly string[];
  /** Does nothing when it is up already. @throws SQ_LAB with the failing part's log and how to go on. */
  up(report: (says: string) => void, signal: AbortSignal): Promise<void>;
  /** Leaves nothing; does nothing when there is none. Also cleans up after a lab whose processes were killed. */
  down(report: (says: string) => void): Promise<void>;
  status(): Promise<LabStatus>;
  /** @throws SQ_LAB_ABSENT when it is not up. */
  connection(): Promise<LabConnection>;
  readonly abilities: LabAbilities;
  /** Abilities that are not there, each with reason and remedy. */
  missing(): Promise<readonly MissingAbility[]>;
  /** Looking around, where somebody who sits before it can. */
  readonly byHand?: LabByHand;
}

/** For people: what a lab's nodes said, and a way into them. */
export interface LabByHand {
  /** The end of what a node wrote, or of what bringing the lab up wrote when no node is named. */
  logs(node: string | undefined, lines: number): Promise<string>;
  /** A program and its arguments that become a shell on the node, with the terminal of whoever starts it. */
  shell(node: string): Promise<readonly [string, ...string[]]>;
}

/** The image of `reference/images/test-app`, as the nodes of a lab know it. */
export interface TestImage {
  readonly name: string;
  /** `Never` where it was put onto every node. */
  readonly pullPolicy: 'Never' | 'IfNotPresent';
}

export interface LabAbilities {
  /** The cluster is Kubernetes itself, and not a model of a part of it; who asks may do there what an administrator may. */
  readonly wholeKubernetes?: boolean;
  /** The cloud, where there is one, is OpenStack itself, and not a model of a part of it. */
  readonly wholeOpenStack?: boolean;
  /** Servers of the cloud run, and have addresses on which they answer this host. Default false: they are rows in a table. */
  readonly guests?: boolean;
  /** What suites may run in pods of their own. */
  readonly testImage?: TestImage;
  readonly power?: Power;
  readonly links?: Links;
  readonly units?: Units;
  readonly containers?: Containers;
  readonly pressure?: Pressure;
  /** Asks a node something from this host, through an address that its users use and never through the lab's own record. */
  readonly look?: (node: string, timeout: Duration) => Promise<Look>;
  readonly inspect?: Inspect;
  /**
   * What is done to nodes goes through the API and its kubelets: while the address of the API moves from one node to another, most
   * of them hear nothing, for longer than a heal may take. Default false.
   */
  readonly throughApi?: boolean;
}

/**
 * What only a node itself can say; read, and never changed. Both throw when the node cannot be asked: that is not the same as
 * having nothing to say.
 */
export interface Inspect {
  /** Every address that the node's interfaces carry right now, without prefix lengths. */
  addresses(node: string, timeout: Duration): Promise<readonly string[]>;
  /** The text of a file, by its absolute path on the node; undefined when there is none. It may hold passwords. */
  file(node: string, path: string, timeout: Duration): Promise<string | undefined>;
}

/** Which of `ABILITIES` a lab has. */
export function abilitiesOf(lab: Lab, connection: LabConnection): readonly Ability[] {
  const has: Ability[] = [];
  if (connection.kubeconfig !== undefined) has.push('kubernetes');
  if (connection.cloudsYaml !== undefined) has.push('openstack');
  if (lab.abilities.wholeKubernetes === true) has.push('whole-kubernetes');
  if (lab.abilities.wholeOpenStack === true && connection.cloudsYaml !== undefined)
    has.push('whole-openstack');
  if (lab.abilities.guests === true && connection.cloudsYaml !== undefined) has.push('guests');
  if (lab.abilities.testImage) has.push('test-image');
  if (lab.abilities.power) has.push('power');
  if (lab.abilities.power?.freeze) has.push('freeze');
  const { links } = lab.abilities;
  if (links) has.push('links', ...LINK_ABILITIES.filter((ability) => canLink(links, ability)));
  if (lab.abilities.units) has.push('units');
  if (lab.abilities.containers) has.push('containers');
  if (lab.abilities.containers?.freezer) has.push('container-freeze');
  for (const kind of lab.abilities.pressure?.kinds ?? []) has.push(`pressure-${kind}`);
  return has;
}

const LINK_ABILITIES = ['link-loss', 'link-delay', 'link-limit'] as const;

/** A limit that nobody could measure would be a fault on our word alone, so it takes a measured transfer as well. */
function canLink(links: Links, ability: (typeof LINK_ABILITIES)[number]): boolean {
  const { effects = ['cut'] } = links;
  if (ability === 'link-loss') return effects.includes('lose');
  if (ability === 'link-delay') return effects.includes('delay');
  return effects.includes('limit') && links.transfer !== undefined;
}

/** All verbs are idempotent: a node that is off may be turned off again. */
export interface Power {
  /** At once, as if the cable were pulled. */
  off(node: string): Promise<void>;
  /** Returns when it was started, not when it is ready. */
  on(node: string): Promise<void>;
  /** Stops it in place: its connections stay open and say nothing. */
  freeze?(node: string): Promise<void>;
  thaw?(node: string): Promise<void>;
  state(node: string): Promise<'on' | 'off' | 'frozen'>;
}

/** What a rule does to the traffic of a link. */
export type LinkEffect =
  | { readonly kind: 'cut' }
  | { readonly kind: 'lose'; readonly share: number }
  | { readonly kind: 'delay'; readonly by: Duration; readonly jitter: Duration }
  | { readonly kind: 'limit'; readonly bytesPerSecond: number };

/** In a group of a link rule: everything that is not a node, such as users, and whoever holds the way to them. */
export const OUTSIDE = 'outside';

export interface LinkRule {
  /** Unique; carries the id of the healing entry, so that it is found again without the journal. */
  readonly id: string;
  readonly run: string;
  /** Names of nodes, or `OUTSIDE`. */
  readonly groupA: readonly string[];
  readonly groupB: readonly string[];
  /** `both`, or only traffic from A to B. */
  readonly direction: 'both' | 'a-to-b';
  /** TCP ports at the receiving end; empty means all. */
  readonly ports: readonly number[];
  readonly effect: LinkEffect;
  /** The rule ends by itself after this, counted from when it is in place, and nobody renews it. */
  readonly expiresAfter: Duration;
}

/** The network between nodes. Rules live where they act and expire there. */
export interface Links {
  /** What its rules can do to traffic; a rule with another effect is refused. Absent: only `cut`. */
  readonly effects?: readonly LinkEffect['kind'][];
  add(rule: LinkRule): Promise<void>;
  /** Removes by element; does nothing when it is gone. */
  remove(id: string): Promise<void>;
  /** Ids of all rules of ours that are in place, whoever put them there, by node. */
  rules(): Promise<readonly { readonly id: string; readonly run: string; readonly node: string }[]>;
  /**
   * Really tries from one node to another, as a service there would. A round trip is measured by timing it, so it takes no longer
   * for an answer than the answer took, and always about as long for itself.
   * @param port where it tries; absent: one on which every node answers.
   */
  reach(from: string, to: string, timeout: Duration, port?: number): Promise<Look>;
  /**
   * Really sends so many bytes from one node to another; at first, unmeasured, what a limit lets through at once after a rest.
   * @param bytes at least what a limit that is to be seen lets through in a second.
   * @returns bytes per second, measured from the first byte sent until all of them were received; 0 when not all arrived in time.
   */
  transfer?(from: string, to: string, bytes: number, timeout: Duration): Promise<number>;
}

/** Containers of pods, on their node. */
export interface Containers {
  /**
   * Kills the main process of a container at once (SIGKILL), as its node sees it. Starting it again is left to the node. Does
   * nothing when that very container does not run any more.
   * @param id without the scheme of the runtime: `containerStatuses[].containerID` after its `://`.
   */
  kill(node: string, id: string): Promise<void>;
  /** Stops containers in place. Absent: it cannot. */
  readonly freezer?: ContainerFreezer;
}

/** Containers are named as in `kill`. All verbs are idempotent, and do nothing for a container that is gone. */
export interface ContainerFreezer {
  /** Stops all its processes in place; the node itself lets them go on after `thawAfter`, counted from the freeze. */
  freeze(
    node: string,
    id: string,
    mark: { readonly id: string; readonly thawAfter: Duration },
  ): Promise<void>;
  thaw(node: string, id: string): Promise<void>;
  /** As the kernel of the node says. */
  state(node: string, id: string): Promise<'frozen' | 'runs' | 'gone'>;
  /** What we froze, with the id of the mark, while the node's own timer for it stands. */
  frozen(node: string): Promise<readonly { readonly id: string; readonly by: string }[]>;
}

/** Services of a node's own: systemd units and static pods. */
export interface Units {
  list(node: string): Promise<
    readonly {
      readonly unit: string;
      readonly running: boolean;
      /** The id of the mark under which we stopped it, while the node's own timer for it stands. */
      readonly stoppedBy?: string;
    }[]
  >;
  /** Stops it, and has the node start it again by itself after `startAgainAfter`, counted from the stop. */
  stop(
    node: string,
    unit: string,
    mark: { readonly id: string; readonly startAgainAfter: Duration },
  ): Promise<void>;
  start(node: string, unit: string): Promise<void>;
  /** Asks the unit's own port, as its users do. */
  look(node: string, unit: string, timeout: Duration): Promise<Look>;
}

/** What is pressed on, and how it is asked for. */
export type PressureTarget =
  | { readonly kind: 'cpu' | 'memory' | 'conntrack' }
  /** The file system of a folder, by its absolute path on the node. */
  | { readonly kind: 'disk'; readonly path: string }
  /** A unit of the node, as in `Units`. */
  | { readonly kind: 'descriptors'; readonly unit: string };

export interface PressureOrder {
  /** Unique on its node; the id of the healing entry, so that it is found again without the journal. */
  readonly id: string;
  readonly run: string;
  readonly node: string;
  readonly what: PressureTarget;
  /**
   * `cpu`: threads for each processor that always have something to compute. `memory` and `disk`: bytes. `conntrack`: connections.
   * `descriptors`: 0. Of room on a disk and of connections what there is, where that is less; what becomes free is taken too.
   */
  readonly amount: number;
  /** It ends by itself after this, counted from the call, and nobody renews it. */
  readonly endsAfter: Duration;
}

/** How much of something a node has, as its kernel accounts it, and whether it can be had. */
export interface Felt {
  /** Processors (always 1), bytes, connections, or the limit of open files of the process that has the least left. */
  readonly total: number;
  /** In the same unit; of processors the share of one that whoever computes gets, from 0 to 1. */
  readonly left: number;
  /** A little of it was really asked for just now, and given; true where asking would say no more than `left`. */
  readonly works: boolean;
}

/**
 * Takes away what a node has, for a while and within the node's own limits: what others on the same host live from is left to them.
 * What it takes is held on the node and ends there.
 */
export interface Pressure {
  readonly kinds: readonly PressureKind[];
  /**
   * Returns when it is held; the same id once more takes the place of the first.
   * @throws SQ_LAB when it would go beyond what is the node's own, or leave too little to the host: then nothing is taken.
   */
  press(order: PressureOrder): Promise<void>;
  /** Does nothing when it is gone, or its node is off. */
  relieve(node: string, id: string): Promise<void>;
  /** What is held on a node, as its kernel lists it; empty when it is off. */
  found(
    node: string,
  ): Promise<readonly { readonly id: string; readonly run: string; readonly kind: PressureKind }[]>;
  /** One look at how it is, whoever made it so; undefined when the node is off. */
  feel(node: string, what: PressureTarget): Promise<Felt | undefined>;
}
