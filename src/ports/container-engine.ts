import type { Duration } from '../model/duration.ts';
import type { CommandResult } from './run-command.ts';

export interface NetworkSpec {
  readonly name: string;
  /** IPv4, such as `10.77.0.0/24`. Nothing is routed out of it. */
  readonly subnet: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Bind {
  /** An existing folder or file of this host. */
  readonly from: string;
  readonly to: string;
  readonly readOnly?: boolean;
}

/** A container that is a machine: its init is systemd, and it may do what root may. */
export interface MachineSpec {
  readonly name: string;
  readonly hostname: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: { readonly name: string; readonly address: string; readonly mac: string };
  readonly binds: readonly Bind[];
  /** Folders in memory, empty at every start. */
  readonly inMemory: readonly string[];
  /** Relative to 1024, among the containers of the same parent. */
  readonly cpuShares: number;
  /** The control group under which all containers of a lab lie. */
  readonly cgroupParent: string;
}

/** A program in a container that ends by itself and leaves no container behind. */
export interface JobSpec {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly binds: readonly Bind[];
  readonly command: readonly string[];
  readonly timeout: Duration;
}

export type ContainerState = 'created' | 'running' | 'paused' | 'ended';

export interface ContainerSummary {
  readonly name: string;
  readonly state: ContainerState;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ContainerDetails extends ContainerSummary {
  /** On this host; 0 when it does not run. */
  readonly pid: number;
  readonly image: string;
}

export interface ExecOptions {
  readonly input?: string;
  /** Default one minute. */
  readonly timeout?: Duration;
  readonly onLine?: (line: string) => void;
}

/** What makes containers on this host. Verbs are idempotent where the name says enough: removing what is gone does nothing. */
export interface ContainerEngine {
  readonly name: string;
  /** Why it cannot be used on this host; undefined when it can. Tried, not read. */
  refusal(signal?: AbortSignal): Promise<{ readonly reason: string; readonly remedy: string } | undefined>;
  createNetwork(spec: NetworkSpec, signal?: AbortSignal): Promise<void>;
  removeNetwork(name: string): Promise<void>;
  networks(label: string): Promise<readonly string[]>;
  /** The interface of this host that stands for a network; it is there while a container is attached. */
  bridgeOf(network: string): Promise<string | undefined>;
  /** @throws SQ_LAB with what the engine said. */
  run(spec: MachineSpec, signal?: AbortSignal): Promise<void>;
  job(spec: JobSpec, signal?: AbortSignal): Promise<CommandResult>;
  start(name: string): Promise<void>;
  /** At once, without telling anybody in it; also when it is paused. */
  kill(name: string): Promise<void>;
  pause(name: string): Promise<void>;
  unpause(name: string): Promise<void>;
  /** Also while it runs or is paused. */
  remove(names: readonly string[]): Promise<void>;
  /** Never throws for what the command says. @throws SQ_LAB when the container does not run. */
  exec(
    name: string,
    command: readonly string[],
    options?: ExecOptions,
    signal?: AbortSignal,
  ): Promise<CommandResult>;
  /** How this process would be replaced by a shell in the container, with the terminal it has. */
  interactive(name: string, command: readonly string[]): readonly [string, ...string[]];
  /** `label` is `key` or `key=value`. */
  list(label: string): Promise<readonly ContainerSummary[]>;
  inspect(name: string): Promise<ContainerDetails | undefined>;
  hasImage(image: string): Promise<boolean>;
}
