import { formatDuration, nanosecondsOf, type Duration } from '../model/duration.ts';
import { HarnessError } from '../model/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesApi } from '../ports/kubernetes.ts';
import { podPath } from './pods.ts';

/** A pod that shall leave, as it was when that was decided. */
export interface LeavingPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface EvictionOrder {
  /** How long budgets may refuse, from the first try. */
  readonly ceiling: Duration;
  /** How long containers may take to end; absent: what the pod itself says. */
  readonly gracePeriod?: Duration;
}

interface EvictionTools {
  readonly api: KubernetesApi;
  readonly clock: Clock;
}

/** A budget that refuses now may allow it as soon as another pod is ready; kubectl waits five times as long. */
const TRY_AGAIN_AFTER = { ms: 1000 };

/** A server that is silent for longer is asked again. */
const ANSWER_WITHIN = { ms: 5000 };

const LOOK_AGAIN_AFTER = { ms: 250 };

/**
 * Asks for the eviction of each pod, beside each other, and again while a disruption budget refuses it (429). A pod that is gone, or
 * is another one by now, counts as evicted.
 * @returns when every eviction was granted; the pods may still be ending.
 * @throws SQ_INJECT_FAILED at the ceiling, naming what was refused and why. What was granted by then stays granted.
 */
export async function evictPods(
  pods: readonly LeavingPod[],
  order: EvictionOrder,
  tools: EvictionTools,
  signal: AbortSignal,
): Promise<void> {
  const endNs = tools.clock.now().ns + nanosecondsOf(order.ceiling);
  const refused = await Promise.all(
    // A signal for each: a node has more pods than one signal should have listeners.
    pods.map((pod) => evictUntil(pod, order, endNs, tools, AbortSignal.any([signal]))),
  );
  const why = refused.filter((says) => says !== undefined);
  if (why.length === 0) return;
  throw new HarnessError(
    'SQ_INJECT_FAILED',
    `Evictions were refused for ${formatDuration(order.ceiling)}: ${why.join('; ')}.`,
    { facts: { refused: why } },
  );
}

/** @returns why it was refused to the end, or undefined. */
async function evictUntil(
  pod: LeavingPod,
  { gracePeriod }: EvictionOrder,
  endNs: number,
  { api, clock }: EvictionTools,
  signal: AbortSignal,
): Promise<string | undefined> {
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: pod.name, namespace: pod.namespace },
    deleteOptions: {
      preconditions: { uid: pod.uid },
      ...(gracePeriod === undefined ? {} : { gracePeriodSeconds: Math.ceil(gracePeriod.ms / 1000) }),
    },
  };
  for (let tries = 1; ; tries += 1) {
    const path = `${podPath(pod)}/eviction`;
    const { status, body: answer } = await api
      .request({ method: 'POST', path, body, timeout: ANSWER_WITHIN, signal })
      .catch((error: unknown) => noAnswer(error));
    // 409: the UID is another one, so this very pod is gone.
    if ((status >= 200 && status < 300) || status === 404 || status === 409) return undefined;
    const says = `${pod.name} (${status}, ${messageOf(answer)}, ${tries} ${tries === 1 ? 'try' : 'tries'})`;
    if (status !== 429 && status < 500) {
      throw new HarnessError('SQ_INJECT_FAILED', `The eviction of ${says} is not allowed at all.`);
    }
    if (clock.now().ns + nanosecondsOf(TRY_AGAIN_AFTER) > endNs) return says;
    await clock.sleep(TRY_AGAIN_AFTER, signal);
  }
}

/** Nobody answered, so it is asked again: with the UID in it, an eviction that happened all the same does no harm twice. */
function noAnswer(error: unknown): { readonly status: number; readonly body: unknown } {
  if (error instanceof HarnessError && error.code === 'SQ_UNREACHABLE')
    return { status: 503, body: { message: error.message } };
  throw error;
}

function messageOf(answer: unknown): string {
  const { message, details } = (answer ?? {}) as {
    readonly message?: unknown;
    readonly details?: { readonly causes?: readonly { readonly message?: string }[] };
  };
  const cause = details?.causes?.[0]?.message;
  const text = cause ?? (typeof message === 'string' ? message : 'without a reason');
  return text.replace(/\.$/, '');
}

/**
 * Waits until none of the pods is there any more.
 * @param present the UIDs that are there now.
 * @throws SQ_INJECT_FAILED at `endNs`, naming those that still are.
 */
export async function untilGone(
  pods: readonly LeavingPod[],
  present: () => Promise<ReadonlySet<string>>,
  endNs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const now = await present();
    const left = pods.filter(({ uid }) => now.has(uid));
    if (left.length === 0) return;
    if (clock.now().ns > endNs) {
      throw new HarnessError(
        'SQ_INJECT_FAILED',
        `These pods were evicted and did not end in time: ${left.map(({ name }) => name).join(', ')}.`,
      );
    }
    await clock.sleep(LOOK_AGAIN_AFTER, signal);
  }
}
