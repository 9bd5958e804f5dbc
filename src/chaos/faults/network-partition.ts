import { notSeen, seen, type Fault } from '../fault.ts';
import { silentMember } from '../fault-timers.ts';
import {
  addRule,
  findRules,
  LINK_PARAMETERS,
  linksOf,
  namePair,
  pairsBefore,
  pairsToJudge,
  reachableBefore,
  refusesPorts,
  reachAll,
} from '../reach-between-groups.ts';
import { windowOf } from '../read-timers.ts';

const NAME = 'network-partition';

/** Cuts the links between two groups of nodes; the rules end where they act. */
export const networkPartition: Fault = {
  name: NAME,
  version: 1,
  summary: 'Cuts the network between the chosen nodes and the nodes of `from`, or all others.',
  acts: 'link',
  lasts: true,
  parameters: LINK_PARAMETERS,
  needs: ['links'],
  expiryHolder: 'target',
  refuses: refusesPorts,
  predict(timers, context) {
    const silent = silentMember(timers, context);
    return windowOf({
      outage: [silent.min, silent.max],
      redundancy: [context.duration.ms, context.duration.ms + Math.max(silent.max, 5000)],
      because: [...silent.because, 'the links are given back after the duration of the step'],
    });
  },
  before: (order, tools) => reachableBefore(order, tools, NAME),
  inject: (entry, tools) => addRule(entry, { kind: 'cut' }, tools),
  async verify(entry, tools) {
    const looks = await reachAll(pairsBefore(entry), tools, NAME);
    const open = looks.filter(({ look }) => look === 'answers');
    return open.length === 0
      ? seen(`${looks.map(namePair).join(', ')}: no answer`)
      : notSeen(`${open.map(namePair).join(', ')} still get through.`);
  },
  findMarks: findRules,
  heal: (entry, tools) => linksOf(tools, NAME).remove(entry.id),
  async verifyHealed(entry, tools) {
    const looks = await reachAll(await pairsToJudge(entry, tools), tools, NAME);
    const differences = looks
      .filter(({ look }) => look !== 'answers')
      .map((pair) => `${namePair(pair)}: was reached, is ${pair.look}`);
    return differences.length === 0
      ? seen(
          looks.length === 0
            ? 'The rule is gone; its nodes do not answer for another reason.'
            : `${looks.map(namePair).join(', ')}: reached`,
        )
      : notSeen('Links that were cut are not back yet.', differences);
  },
};
