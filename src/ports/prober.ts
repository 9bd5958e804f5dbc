import type { LiveProbe } from '../model/observation.ts';
import type { ProbeSpec } from '../model/plan.ts';
import type { Duration } from '../model/duration.ts';
import { Secret } from '../model/secret.ts';
import type { ApiAccess } from './api-client.ts';

/**
 * One HTTP request of a question. `{n}` in path and body becomes the number of the sample, and `{slot}` that number modulo the
 * question's slots, or what the question says for that slot.
 */
export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Good statuses; anything else is a failure in the phase `status`. */
  readonly expect: readonly number[];
  /** A text that the body of a good answer holds, or it is a failure in the phase `body`; `{n}` as above. */
  readonly holds?: string;
}

/** What a prober asks again and again, as data: no code crosses to the prober. */
export type Question =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** A whole handshake, with the certificates of the access. */
  | { readonly kind: 'tls'; readonly host: string; readonly port: number }
  /** One question to the name server at `host`, over UDP. */
  | {
      readonly kind: 'dns';
      readonly host: string;
      readonly port: number;
      readonly name: string;
      readonly type: 'A' | 'AAAA' | 'SRV';
    }
  | { readonly kind: 'http'; readonly ask: Ask }
  /**
   * A pod is asked to fetch something, by the path `/get` of `reference/images/test-app`; `then` says what it should get. Where the
   * pod itself does not answer, the sample is `unknown` with the cause `vantage`.
   */
  | {
      readonly kind: 'relayed';
      readonly ask: Ask;
      readonly then: Pick<Ask, 'expect'> & { readonly holds: string };
    }
  /**
   * Several in order, such as write, read back, delete; the first that fails decides. Where the last is a DELETE, it is sent once
   * more for what a failed sample may have left. `slots` bounds the names that are used, so that all can be in the ledger, and may
   * say what each is; default 1. Samples from number `most` on are not asked, and `unknown`; default: there is no end.
   */
  | {
      readonly kind: 'sequence';
      readonly asks: readonly Ask[];
      readonly slots?: Slots;
      readonly most?: number;
    }
  /**
   * A server is made in the slot of the sample, looked at until it is up and, where its slot says where, answers, and taken away
   * again. The access is that of the compute service.
   */
  | {
      readonly kind: 'boot';
      readonly slots: readonly BootSlot[];
      /** From one look to the next. */
      readonly lookEvery: Duration;
    };

/** How many, or what `{slot}` becomes in each. */
export type Slots = number | readonly string[];

/** What one sample after another uses, never two at once. */
export interface BootSlot {
  /** Of the server; nobody else gives it. */
  readonly name: string;
  /** What the compute service is asked for, as JSON. */
  readonly order: string;
  /** A URL whose GET the server answers with 200. Absent: servers are not asked. */
  readonly answersAt?: string;
}

export interface ProbeAssignment {
  readonly spec: ProbeSpec;
  readonly question: Question;
  /** Where it asks, and whom it trusts. */
  readonly access: ApiAccess;
}

export interface ProberConfiguration {
  /** The folder in which it writes its own segments. */
  readonly folder: string;
  readonly vantage: string;
  readonly probes: readonly ProbeAssignment[];
  /** Requests in flight for one probe; a sample that finds no room is `unknown`, in phase `harness`. */
  readonly maxInFlight: number;
  /** The prober's event loop counts as stalled when it is later than this. */
  readonly stallLimit: Duration;
  /** How often a batch is written and live states are sent. */
  readonly flushEvery: Duration;
  /** `raised`, the default: before other threads of the host, where that is allowed. */
  readonly priority?: 'raised' | 'usual';
  /** It stops by itself after so long, so that one that nobody can reach any more does not go on for ever. Default: when it is told. */
  readonly endAfter?: Duration;
}

/** A prober that runs: a process here, a program on a node elsewhere. It goes on while it is cut off from us. */
export interface Prober {
  onLive(listener: (states: readonly LiveProbe[]) => void): void;
  /** Aborted with why, when it ended or broke before it was asked to stop: nobody looks any more. Absent: nobody can tell. */
  readonly lost?: AbortSignal;
  /** Renewed credentials, by probe. */
  refresh(access: readonly { readonly probe: string; readonly access: ApiAccess }[]): void;
  /** Sends nothing more, waits for what is in flight, closes its segments. Also when it never answered: rejects after 10 s. */
  stop(): Promise<void>;
}

export interface ProberLauncher {
  /** Resolves when the first sample is planned. */
  launch(configuration: ProberConfiguration): Promise<Prober>;
}

/** `ApiAccess` as it crosses to the prober: secrets are plain text here, so it is never stored and never printed. */
export interface WireAccess {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly verify: boolean;
}

/** With its secrets revealed: for a prober only, never for a file. */
export function wireAccess(access: ApiAccess): WireAccess {
  const { key, headers, ...plain } = access;
  return {
    ...plain,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        value instanceof Secret ? value.reveal() : value,
      ]),
    ),
    ...(key === undefined ? {} : { key: key.reveal() }),
  };
}

export interface WireAssignment {
  readonly spec: ProbeSpec;
  readonly question: Question;
  readonly access: WireAccess;
}

/** What a prober is started with: its `ProberConfiguration` on the wire. */
export type WireConfiguration = Omit<ProberConfiguration, 'probes'> & {
  readonly probes: readonly WireAssignment[];
};

export interface WireRefresh {
  readonly probe: string;
  readonly access: WireAccess;
}

export type ToProber =
  { readonly kind: 'refresh'; readonly access: readonly WireRefresh[] } | { readonly kind: 'stop' };

export type FromProber =
  /** The first sample is planned for `atNs`. */
  | { readonly kind: 'started'; readonly atNs: number }
  | { readonly kind: 'live'; readonly states: readonly LiveProbe[] }
  /** All segments are closed. */
  | { readonly kind: 'stopped' }
  /** It could not go on, or could not keep all samples; it ends after this. */
  | { readonly kind: 'broken'; readonly code: string; readonly says: string };
