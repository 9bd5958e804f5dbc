import type { HealingEntry } from '../../model/injection.ts';
import { notSeen, seen, type Fault, type FaultTools } from '../fault.ts';
import { mayKeepAddress, silentMember } from '../fault-timers.ts';
import {
  addRule,
  findRules,
  LINK_PARAMETERS,
  linksOf,
  namePair,
  pairsBefore,
  pairsToJudge,
  reach,
  reachableBefore,
  refusesPorts,
  type Pair,
} from '../reach-between-groups.ts';
import { windowOf } from '../read-timers.ts';

const NAME = 'network-loss';

/** A loss of this share or more is missed by as many tries as `triesFor` gives in one of a thousand looks. */
const MISS = 0.001;

/** More tries at once would be a load of their own. */
const MOST_TRIES = 140;

/** Loses a share of what is sent between two groups of nodes; the rules end where they act. */
export const networkLoss: Fault = {
  name: NAME,
  version: 1,
  summary: 'Loses a share of the traffic between the chosen nodes and the nodes of `from`, or all others.',
  acts: 'link',
  lasts: true,
  parameters: {
    share: {
      type: 'percent',
      describe: 'How much of the traffic is lost.',
      default: '30%',
      minimum: 0.05,
      maximum: 1,
    },
    ...LINK_PARAMETERS,
  },
  needs: ['links', 'link-loss'],
  expiryHolder: 'target',
  refuses: refusesPorts,
  predict(timers, context) {
    const silent = silentMember(timers, mayKeepAddress(context));
    return windowOf({
      outage: [0, Math.max(1000, silent.max)],
      redundancy: [0, context.duration.ms + Math.max(silent.max, 5000)],
      because: [
        ...silent.because,
        'a member behind a lossy link may be given up, or kept, at any time while it lasts',
      ],
    });
  },
  before: (order, tools) => reachableBefore(order, tools, NAME),
  inject: (entry, tools) => addRule(entry, { kind: 'lose', share: shareOf(entry) }, tools),
  async verify(entry, tools) {
    const { tries, lost } = await tryPairs(pairsBefore(entry), entry, tools);
    return lost.length > 0
      ? seen(`${lost.length} of ${tries} tries got no answer.`)
      : notSeen(`All of ${tries} tries got an answer.`);
  },
  findMarks: findRules,
  heal: (entry, tools) => linksOf(tools, NAME).remove(entry.id),
  async verifyHealed(entry, tools) {
    const { tries, lost } = await tryPairs(await pairsToJudge(entry, tools), entry, tools);
    return lost.length === 0
      ? seen(`All of ${tries} tries got an answer.`)
      : notSeen(
          'Links that lost traffic still do.',
          [...new Set(lost.map(namePair))].map((pair) => `${pair}: answered every time, now loses tries`),
        );
  },
};

function shareOf({ parameters }: HealingEntry): number {
  return typeof parameters['share'] === 'number' ? parameters['share'] : 0.3;
}

/** So many tries that a loss of this share would be seen in at least one of them. */
export function triesFor(share: number): number {
  if (share >= 1) return 1;
  return Math.min(MOST_TRIES, Math.ceil(Math.log(MISS) / Math.log(1 - share)));
}

async function tryPairs(
  pairs: readonly Pair[],
  entry: HealingEntry,
  tools: FaultTools,
): Promise<{ tries: number; lost: Pair[] }> {
  const tries = Math.max(pairs.length, pairs.length === 0 ? 0 : triesFor(shareOf(entry)));
  const asked = Array.from({ length: tries }, (_, n) => pairs[n % pairs.length] as Pair);
  const answers = await Promise.all(
    asked.map(async (pair) => ({ pair, look: await reach(pair, tools, NAME) })),
  );
  return { tries, lost: answers.filter(({ look }) => look !== 'answers').map(({ pair }) => pair) };
}
