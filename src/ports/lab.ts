import type { Ability, MissingAbility } from '../model/abilities.ts';
import type { Duration } from '../model/duration.ts';

/** How clients reach what a lab serves: ordinary files, as any other tool would use them. */
export interface LabConnection {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cloudsYaml?: string;
  readonly cloud?: string;
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
}

export interface LabAbilities {
  readonly power?: Power;
  readonly links?: Links;
  readonly units?: Units;
  /** Asks a node something from this host, through an address that its users use and never through the lab's own record. */
  readonly look?: (node: string, timeout: Duration) => Promise<Look>;
}

/** Which of `ABILITIES` a lab has. */
export function abilitiesOf(lab: Lab, connection: LabConnection): readonly Ability[] {
  const has: Ability[] = [];
  if (connection.kubeconfig !== undefined) has.push('kubernetes');
  if (connection.cloudsYaml !== undefined) has.push('openstack');
  if (lab.abilities.power) has.push('power');
  if (lab.abilities.power?.freeze) has.push('freeze');
  if (lab.abilities.links) has.push('links');
  if (lab.abilities.units) has.push('units');
  return has;
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
  add(rule: LinkRule): Promise<void>;
  /** Removes by element; does nothing when it is gone. */
  remove(id: string): Promise<void>;
  /** Ids of all rules of ours that are in place, whoever put them there, by node. */
  rules(): Promise<readonly { readonly id: string; readonly run: string; readonly node: string }[]>;
  /** Really tries from one node to another, as a service there would. */
  reach(from: string, to: string, timeout: Duration): Promise<Look>;
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
