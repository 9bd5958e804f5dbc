import type { ReplicaContext } from '../replica.ts';
import { recordsOf } from './records.ts';
import type { Records } from './records.ts';

export interface FlavorRow {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly ram: number;
  readonly disk: number;
  readonly public: boolean;
}

/** What the compute agent still has to do with a server. */
export type ServerTask = 'spawning' | 'rebooting' | 'powering-off' | 'powering-on' | 'deleting';

export interface ServerRow {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly project: string;
  readonly user: string;
  readonly flavor: FlavorRow;
  readonly image: string;
  readonly keyName: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  readonly status: 'BUILD' | 'ACTIVE' | 'SHUTOFF' | 'REBOOT' | 'ERROR';
  readonly task: ServerTask | null;
  /** The time from which the task counts, and from which `updated` is shown. */
  readonly changedMs: number;
  readonly createdMs: number;
  readonly launchedMs: number | null;
  /** null when no host was found. */
  readonly host: string | null;
  readonly fault: string | null;
}

export interface KeypairRow {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly public_key: string;
  readonly fingerprint: string;
}

/** The nova-compute of one host, as its own heartbeats write it. */
export interface AgentRow {
  readonly id: string;
  readonly host: string;
  readonly seenMs: number;
  readonly disabled: boolean;
  readonly reason: string | null;
}

interface ComputeTables {
  readonly flavors: Records<FlavorRow>;
  readonly servers: Records<ServerRow>;
  readonly keypairs: Records<KeypairRow>;
  readonly agents: Records<AgentRow>;
}

export const computeTables = ({ database }: Pick<ReplicaContext, 'database'>): ComputeTables => ({
  flavors: recordsOf<FlavorRow>(database, 'nova/flavors'),
  servers: recordsOf<ServerRow>(database, 'nova/servers'),
  keypairs: recordsOf<KeypairRow>(database, 'nova/keypairs'),
  agents: recordsOf<AgentRow>(database, 'nova/agents'),
});

/** Nova's own rule: down once the last heartbeat is older than `service_down_time`. */
export const agentIsUp = (context: Pick<ReplicaContext, 'nowMs' | 'timers'>, row: AgentRow): boolean =>
  context.nowMs() - row.seenMs <= context.timers.serviceDownMs;
