import type { Trouble } from '../model/conformance.ts';
import { milliseconds, nanosecondsOf, type Duration } from '../model/duration.ts';
import { OWNER_KEY, OWNER_LABEL } from '../model/own-marks.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesApi } from '../ports/kubernetes.ts';
import type { TestImage } from '../ports/lab.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { OpenStackApi } from '../ports/openstack.ts';
import { caseKubernetes, caseOpenStack, type Care } from './case-clients.ts';
import { eventually, type Limits, type Soonest } from './eventually.ts';
import type { LaneTenant } from './lane-tenant.ts';
import { createMaker, type Maker } from './maker.ts';
import { isAdministrator } from './personas.ts';

/** Names that nobody else has, and that carry the run. */
export interface FreshNames {
  /** `sq-<run>-<what>-<lane>-<n>`: lower-case letters, digits and dashes, at most 63 characters. */
  fresh(what: string): string;
}

/** What a case or a hook is handed. Its clients work until it ends, and no longer. */
export interface CaseContext {
  /** Id of the run. */
  readonly run: string;
  /** What marks what belongs to the run, as a label and as a key of metadata in OpenStack; `make` sets it by itself. */
  readonly owner: { readonly label: string; readonly key: string; readonly value: string };
  readonly kubernetes: KubernetesApi;
  readonly openstack: OpenStackApi;
  /** The client of the user that was given, who is an administrator; skips the case where it is none. */
  readonly administrator: () => Promise<OpenStackApi>;
  /** Of cases that need `test-image`; `runPod` and the others of `test-pods.ts` use it. */
  readonly testImage: TestImage;
  readonly names: FreshNames;
  readonly make: Maker;
  /** Aborts when the case must end: its time is over, or the run was stopped. */
  readonly signal: AbortSignal;
  /** Looks again and again until `look` no longer throws. @throws with the last failure after `within`, by default `patience`. */
  readonly eventually: <T>(says: string, look: () => Promise<T>, limits?: Limits) => Promise<T>;
  /** How long a case may wait for the slowest thing in it, such as a server that boots: 50 s where a case has 60. */
  readonly patience: Duration;
  readonly sleep: (duration: Duration) => Promise<void>;
  /** Ends the case as skipped. Only for what the system does not offer, never for what it does wrong. */
  readonly skip: (reason: string) => never;
}

/** Thrown by `skip`. */
export class SkipCase extends Error {}

/** What a lane has for all its cases. */
export interface LaneTools {
  readonly run: string;
  readonly lane: number;
  readonly client: 'strict' | 'recording';
  readonly clock: Clock;
  readonly kubernetes?: KubernetesApi;
  /** Of the user that was given. */
  readonly openstack?: OpenStackApi;
  /** Where there is a cloud. */
  readonly tenant?: LaneTenant;
  readonly testImage?: TestImage;
  readonly ledger: Pick<Ledger, 'creating' | 'created' | 'deleted'>;
  readonly names: FreshNames;
  readonly soonest: Soonest;
}

export interface OpenContext {
  readonly context: CaseContext;
  readonly troubles: readonly Trouble[];
  /** Takes away what was made; with its own time. */
  readonly takeAway: () => Promise<void>;
}

/**
 * How long a case of `ms` may wait: for a request that it gave no limit, for the slowest thing in it, and until something that it
 * made is gone. The first and the last are never shorter than for a case of a minute.
 */
const waits = ({ ms }: Duration): Readonly<Record<'request' | 'slowest' | 'gone', Duration>> => ({
  request: milliseconds(Math.max(10_000, ms / 6)),
  slowest: milliseconds((ms * 5) / 6),
  gone: milliseconds(Math.max(30_000, ms / 2)),
});

/** The share of a case's time after which the recording client no longer repeats a read. */
const REPEATING_SHARE = 0.5;

export function createNames(run: string, lane: number): FreshNames {
  let n = 0;
  return {
    fresh: (what) => {
      n += 1;
      const tail = `-${what}-${lane}-${n}`;
      return `sq-${run}`.slice(0, 63 - tail.length) + tail;
    },
  };
}

/**
 * @param user whose client the case has.
 * @param within the time that the case has, counted from now.
 */
export function openContext(
  tools: LaneTools,
  user: OpenStackApi | undefined,
  what: string,
  within: Duration,
  signal: AbortSignal,
): OpenContext {
  const troubles: Trouble[] = [];
  const { clock } = tools;
  const now = clock.now();
  const { request, slowest, gone } = waits(within);
  const until = { clock: now.clock, ns: now.ns + nanosecondsOf(milliseconds(within.ms * REPEATING_SHARE)) };
  const recording = { note: (trouble: Trouble): void => void troubles.push(trouble), until };
  const care: Care = {
    clock,
    signal,
    timeout: request,
    ...(tools.client === 'recording' ? { recording } : {}),
  };
  const cleaning: Care = { clock, signal: new AbortController().signal, timeout: request };
  const { maker, takeAway } = createMaker({
    run: tools.run,
    createdBy: what,
    ledger: tools.ledger,
    clock,
    soonest: tools.soonest,
    patience: gone,
    kubernetes: () => context.kubernetes,
    openstack: () => context.openstack,
    cleaning: {
      kubernetes: () => caseKubernetes(present(tools.kubernetes, 'Kubernetes'), cleaning),
      openstack: () => caseOpenStack(present(user, 'OpenStack'), cleaning),
      administrator: () => caseOpenStack(present(tools.openstack, 'OpenStack'), cleaning),
    },
  });
  const skip = (reason: string): never => {
    throw new SkipCase(reason);
  };
  const context: CaseContext = {
    run: tools.run,
    owner: { label: OWNER_LABEL, key: OWNER_KEY, value: tools.run },
    // Getters, so that a case is refused what its lab lacks only when it really asks for it.
    get kubernetes() {
      return caseKubernetes(present(tools.kubernetes, 'Kubernetes'), care);
    },
    get openstack() {
      return caseOpenStack(present(user, 'OpenStack'), care);
    },
    administrator: async () => {
      const given = caseOpenStack(present(tools.openstack, 'OpenStack'), care);
      return (await isAdministrator(given, signal))
        ? given
        : skip('The user of this cloud is no administrator.');
    },
    get testImage() {
      return present(tools.testImage, 'test image');
    },
    names: tools.names,
    make: maker,
    signal,
    patience: slowest,
    eventually: (says, look, limits = {}) =>
      eventually(says, look, { within: slowest, ...limits }, clock, signal, tools.soonest),
    sleep: (duration) => clock.sleep(duration, signal),
    skip,
  };
  return { context, troubles, takeAway };
}

function present<T>(client: T | undefined, what: string): T {
  if (client === undefined)
    throw new Error(`There is no ${what} here; a case that uses it should say so in \`needs\`.`);
  return client;
}
