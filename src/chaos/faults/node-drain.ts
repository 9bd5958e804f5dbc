import type { ParameterValues } from '../../model/catalogue.ts';
import { nanosecondsOf, type Duration } from '../../model/duration.ts';
import { notSeen, seen, type Fault, type FaultTools } from '../fault.ts';
import { podReplaced } from '../fault-timers.ts';
import { cordon, cordonsOf, refuseUnlessOpen, uncordon } from '../cordon.ts';
import { evictPods, untilGone, type LeavingPod } from '../evict-pods.ts';
import { drainPartOf, kubernetesOf } from '../pods.ts';
import { durationOf } from '../read-parameters.ts';
import { windowOf } from '../read-timers.ts';

const NAME = 'node-drain';

const CEILING = { ms: 120_000 };

/** Beside the ceiling: the last request, and the last look. */
const BESIDE_CEILING_MS = 15_000;

/**
 * Cordons nodes and evicts what may leave them, as before maintenance; the cordon is taken off again. Nothing on a node can hold the
 * end of a cordon, so the reaper does.
 */
export const nodeDrain: Fault = {
  name: NAME,
  version: 1,
  summary:
    'Cordons nodes and evicts their pods as disruption budgets allow, and uncordons them after a while. Pods without a workload stay: nobody would bring them back.',
  acts: 'node',
  lasts: true,
  parameters: {
    ceiling: {
      type: 'duration',
      describe:
        'How long budgets may refuse and pods may take to end, from the cordon; after that the fault counts as not injected.',
      default: '2m',
    },
    gracePeriod: {
      type: 'duration',
      describe:
        'How long containers may take to end, from their eviction; default what each pod itself says.',
    },
  },
  needs: ['kubernetes'],
  expiryHolder: 'reaper',
  patience: (parameters) => ({ inject: { ms: ceilingOf(parameters).ms + BESIDE_CEILING_MS } }),
  predict(timers, context) {
    const replaced = podReplaced(timers);
    return windowOf({
      // A pod that is evicted leaves its service before it ends, and a budget keeps the others.
      outage: [0, 1000],
      redundancy: [0, context.duration.ms + replaced.max],
      because: [
        'an eviction waits for the disruption budget, and a pod leaves its service before it ends',
        ...replaced.because,
        'what may run only there comes back when the cordon is taken off',
      ],
    });
  },
  before: ({ targets }, tools, signal) => refuseUnlessOpen(targets, kubernetesOf(tools, NAME), NAME, signal),
  async inject(entry, tools, signal) {
    const { clock } = tools;
    const api = kubernetesOf(tools, NAME);
    const endNs = clock.now().ns + nanosecondsOf(ceilingOf(entry.parameters));
    const left = (): Duration => ({ ms: Math.max(0, (endNs - clock.now().ns) / 1e6) });
    for (const target of entry.targets) await cordon(target, entry, { api, clock }, signal);
    const pods = (await podsOn(entry.targets, tools, signal)).flatMap(({ leaving }) => leaving);
    const gracePeriod = durationOf(entry.parameters, 'gracePeriod');
    const order = { ceiling: left(), ...(gracePeriod === undefined ? {} : { gracePeriod }) };
    await evictPods(pods, order, { api, clock }, signal);
    const present = async (): Promise<ReadonlySet<string>> => {
      const nodes = await podsOn(entry.targets, tools, signal);
      return new Set(nodes.flatMap(({ leaving }) => leaving.map(({ uid }) => uid)));
    };
    await untilGone(pods, present, endNs, clock, signal);
  },
  async verify(entry, tools, signal) {
    const cordons = await cordonsOf(entry, kubernetesOf(tools, NAME), signal);
    const open = cordons.filter(({ unschedulable }) => !unschedulable).map(({ node }) => node);
    const nodes = await podsOn(entry.targets, tools, signal);
    const there = nodes.flatMap(({ leaving }) => leaving.map(({ name }) => name));
    const strays = nodes.flatMap((each) => each.strays);
    if (open.length > 0) return notSeen(`${open.join(', ')} still takes pods.`);
    if (there.length > 0) return notSeen(`These pods are still there: ${there.join(', ')}.`);
    const kept = strays.length === 0 ? '' : `; pods without a workload were left: ${strays.join(', ')}`;
    return seen(`${nodes.map(({ node }) => node).join(', ')}: no pod that could leave is left${kept}.`);
  },
  async heal(entry, tools, signal) {
    const { clock } = tools;
    const api = kubernetesOf(tools, NAME);
    await Promise.all(entry.targets.map((target) => uncordon(target, entry, { api, clock }, signal)));
  },
  async verifyHealed(entry, tools, signal) {
    const cordons = await cordonsOf(entry, kubernetesOf(tools, NAME), signal);
    const ours = cordons.filter(({ mark }) => mark === entry.id);
    if (ours.length > 0) {
      return notSeen(
        'A cordon of ours is not taken off yet.',
        ours.map(({ node }) => `${node}: took pods, is cordoned`),
      );
    }
    const others = cordons.filter(({ unschedulable }) => unschedulable);
    const says = cordons.map(
      ({ node, unschedulable }) => `${node} ${unschedulable ? 'takes none' : 'takes pods'}`,
    );
    return {
      ...seen(says.join(', ')),
      differences: others.map(({ node }) => `${node}: took pods, was cordoned by somebody else meanwhile`),
    };
  },
};

const ceilingOf = (parameters: ParameterValues): Duration => durationOf(parameters, 'ceiling') ?? CEILING;

interface PodsOnNode {
  readonly node: string;
  readonly leaving: readonly LeavingPod[];
  readonly strays: readonly string[];
}

function podsOn(
  targets: readonly { readonly node: string }[],
  tools: FaultTools,
  signal: AbortSignal,
): Promise<readonly PodsOnNode[]> {
  const api = kubernetesOf(tools, NAME);
  return Promise.all(
    targets.map(async ({ node }) => {
      const pods = await api.list('/api/v1/pods', { fieldSelector: `spec.nodeName=${node}`, signal });
      return {
        node,
        leaving: pods
          .filter((pod) => drainPartOf(pod) === 'evict')
          .map(({ metadata: { name, namespace = '', uid = '' } }) => ({ name, namespace, uid })),
        strays: pods.filter((pod) => drainPartOf(pod) === 'stray').map(({ metadata }) => metadata.name),
      };
    }),
  );
}
