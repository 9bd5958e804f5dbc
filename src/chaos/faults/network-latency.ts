import type { ParameterValues } from '../../model/catalogue.ts';
import { formatDuration, type Duration } from '../../model/duration.ts';
import { HarnessError } from '../../model/errors.ts';
import type { HealingEntry } from '../../model/injection.ts';
import { notSeen, seen, type Fault, type FaultTools } from '../fault.ts';
import { mayKeepAddress, shortestPatience, silentMember } from '../fault-timers.ts';
import {
  addRule,
  LINK_PARAMETERS,
  linksOf,
  measuredBefore,
  measuredToJudge,
  namePair,
  pairsBetween,
  reach,
  refusesPorts,
  type Pair,
} from '../reach-between-groups.ts';
import { durationOf } from '../read-parameters.ts';
import { windowOf } from '../read-timers.ts';

const NAME = 'network-latency';

/** A round trip as it was before, of one pair. */
interface Measured extends Pair {
  readonly ms: number;
}

/** The quickest of so many tries counts: everything but the link itself only ever makes one slower. */
const TRIES = 3;

/** More pairs at once would slow each other down. */
const MOST_MEASURED = 4;

/** Less than this cannot be told from the noise of measuring on a busy machine. */
const LEAST_DELAY_MS = 20;

/** Delays what is sent between two groups of nodes; the rules end where they act. */
export const networkLatency: Fault = {
  name: NAME,
  version: 1,
  summary: 'Delays the traffic between the chosen nodes and the nodes of `from`, or all others.',
  acts: 'link',
  lasts: true,
  parameters: {
    delay: {
      type: 'duration',
      describe: 'By how much each packet comes later, one way; from 20ms, so that it can be measured.',
      required: true,
    },
    jitter: {
      type: 'duration',
      describe: 'By how much the delay varies, up and down; at most half of it.',
      default: '0s',
    },
    ...LINK_PARAMETERS,
  },
  needs: ['links', 'link-delay'],
  expiryHolder: 'target',
  refuses(parameters) {
    const { delay, jitter } = delayOf(parameters);
    if (delay.ms < LEAST_DELAY_MS) return `a delay below ${LEAST_DELAY_MS}ms could not be told from noise.`;
    if (jitter.ms > delay.ms / 2)
      return '`jitter` is more than half of `delay`, so at times there would be none.';
    return refusesPorts(parameters);
  },
  predict(timers, context) {
    const { delay, jitter } = delayOf(context.parameters);
    const slowest = 2 * (delay.ms + jitter.ms);
    const patience = shortestPatience(timers);
    const silent = silentMember(timers, mayKeepAddress(context));
    const because = `a round trip takes up to ${formatDuration({ ms: slowest })} longer, and a request may take many`;
    const givenUp = slowest >= patience.ms;
    const after = givenUp ? Math.max(1000, silent.max) : 1000;
    return windowOf({
      // Whether a request that crosses the link often is still in time for its client is for the client to say, all the while.
      outage: [0, context.duration.ms + after],
      redundancy: [0, context.duration.ms + Math.max(after, 5000)],
      because: givenUp
        ? [because, patience.because, ...silent.because]
        : [because, `nobody is given up for that: ${patience.because}`],
    });
  },
  async before(order, tools) {
    const measured = await measure(pairsBetween(order).slice(0, MOST_MEASURED), order.parameters, tools);
    const reachable = measured.filter(({ ms }) => ms !== undefined);
    if (reachable.length === 0)
      throw new HarnessError(
        'SQ_INJECT_FAILED',
        `No link between the two groups works, so ${NAME} would show nothing.`,
      );
    return { reachable };
  },
  inject(entry, tools) {
    const { delay, jitter } = delayOf(entry.parameters);
    return addRule(entry, { kind: 'delay', by: delay, jitter }, tools);
  },
  async verify(entry, tools) {
    const expected = addedMs(entry);
    const looks = await compare(measuredBefore<Measured>(entry), entry, tools);
    const says = looks.map(
      ({ pair, added }) => `${pair} ${added === undefined ? 'no answer' : signed(added)}`,
    );
    const quick = looks.filter(({ added }) => added === undefined || added < expected / 2);
    return quick.length === 0
      ? seen(`Round trips, against before: ${says.join(', ')}.`)
      : notSeen(`Round trips should take ${expected} ms longer: ${says.join(', ')}.`);
  },
  heal: (entry, tools) => linksOf(tools, NAME).remove(entry.id),
  async verifyHealed(entry, tools) {
    const pairs = await measuredToJudge<Measured>(entry, tools);
    const looks = await compare(pairs, entry, tools);
    const slow = looks.filter(({ added }) => added === undefined || added > addedMs(entry) / 4);
    if (slow.length === 0)
      return seen(
        looks.length === 0
          ? 'The rule is gone; its nodes do not answer for another reason.'
          : `Round trips, against before: ${looks.map(({ pair, added }) => `${pair} ${signed(added ?? 0)}`).join(', ')}.`,
      );
    return notSeen(
      'Links that were slowed down still are.',
      slow.map(
        ({ pair, added }) =>
          `${pair}: ${added === undefined ? 'gives no answer' : `takes ${added} ms longer`}`,
      ),
    );
  },
};

const signed = (ms: number): string => `${ms < 0 ? '' : '+'}${ms} ms`;

function delayOf(parameters: ParameterValues): { readonly delay: Duration; readonly jitter: Duration } {
  return {
    delay: durationOf(parameters, 'delay') ?? { ms: 100 },
    jitter: durationOf(parameters, 'jitter') ?? { ms: 0 },
  };
}

/** A round trip meets the rule on its way there, and on its way back where the rule acts both ways. */
function addedMs({ parameters }: HealingEntry): number {
  return delayOf(parameters).delay.ms * (parameters['direction'] === 'from-targets' ? 1 : 2);
}

async function compare(
  pairs: readonly Measured[],
  entry: HealingEntry,
  tools: FaultTools,
): Promise<readonly { readonly pair: string; readonly added: number | undefined }[]> {
  const now = await measure(pairs, entry.parameters, tools);
  return pairs.map((pair, n) => {
    const ms = now[n]?.ms;
    return { pair: namePair(pair), added: ms === undefined ? undefined : Math.round(ms - pair.ms) };
  });
}

/** The quickest round trip of each pair; undefined where none came back. */
function measure(
  pairs: readonly Pair[],
  parameters: ParameterValues,
  tools: FaultTools,
): Promise<readonly (Pair & { readonly ms: number | undefined })[]> {
  const { delay, jitter } = delayOf(parameters);
  // A connection and what is said on it are two round trips, each of them slower both ways.
  const timeout = { ms: 1000 + 5 * (delay.ms + jitter.ms) };
  return Promise.all(
    pairs.map(async ({ from, to, port }) => {
      const pair: Pair = port === undefined ? { from, to } : { from, to, port };
      let quickest: number | undefined;
      for (let n = 0; n < TRIES; n++) {
        const startNs = tools.clock.now().ns;
        if ((await reach(pair, tools, NAME, timeout)) !== 'answers') continue;
        const ms = (tools.clock.now().ns - startNs) / 1e6;
        quickest = Math.min(quickest ?? ms, ms);
      }
      return { ...pair, ms: quickest };
    }),
  );
}
