import type { ParameterValues } from '../../model/catalogue.ts';
import type { Duration } from '../../model/duration.ts';
import { HarnessError } from '../../model/errors.ts';
import { notSeen, seen, type Fault, type FaultTools } from '../fault.ts';
import { mayKeepAddress, silentMember } from '../fault-timers.ts';
import {
  addRule,
  LINK_PARAMETERS,
  linksOf,
  measuredBefore,
  measuredToJudge,
  namePair,
  pairsBetween,
  refusesPorts,
  type Pair,
} from '../reach-between-groups.ts';
import { numberOf } from '../read-parameters.ts';
import { windowOf } from '../read-timers.ts';

const NAME = 'network-bandwidth';

/** A rate as it was before, of one pair, in bytes a second. */
interface Measured extends Pair {
  readonly bytesPerSecond: number;
}

/** Measured one after the other, for a limit may be shared; more would take longer than a look may. */
const MOST_MEASURED = 2;

/** What a bucket lets through at once is small beside this. */
const LEAST_BYTES = 64 * 1024;

/** A limit is seen when it is kept but for this much, and had something to limit when it was passed by this much before. */
const KEPT = 1.5;
const WORTH_IT = 3;

/** Limits how much is sent between two groups of nodes; the rules end where they act. */
export const networkBandwidth: Fault = {
  name: NAME,
  version: 1,
  summary: 'Limits how fast the chosen nodes and the nodes of `from`, or all others, can send to each other.',
  acts: 'link',
  lasts: true,
  parameters: {
    kilobitsPerSecond: {
      type: 'integer',
      describe: 'How much gets through on a link, each way; in thousands of bits a second.',
      required: true,
      minimum: 256,
      maximum: 10_000_000,
    },
    ...LINK_PARAMETERS,
  },
  needs: ['links', 'link-limit'],
  expiryHolder: 'target',
  refuses(parameters) {
    if (Array.isArray(parameters['ports']) && parameters['ports'].length > 0)
      return 'a limit on chosen ports could not be measured, so `ports` has no place here.';
    return refusesPorts(parameters);
  },
  patience: () => ({ verify: { ms: 30_000 } }),
  predict(timers, context) {
    const silent = silentMember(timers, mayKeepAddress(context));
    return windowOf({
      outage: [0, context.duration.ms + Math.max(1000, silent.max)],
      redundancy: [0, context.duration.ms + Math.max(silent.max, 5000)],
      because: [
        ...silent.because,
        'what waits behind other traffic may be too late for its client, and a member whose messages wait may be given up, while it lasts',
      ],
    });
  },
  async before(order, tools) {
    const limit = limitOf(order.parameters);
    const measured = await measure(pairsBetween(order).slice(0, MOST_MEASURED), limit, tools);
    const slow = measured.filter(({ bytesPerSecond }) => bytesPerSecond < WORTH_IT * limit);
    if (measured.length === 0 || slow.length > 0) {
      const says = slow.map((each) => `${namePair(each)} ${rate(each.bytesPerSecond)}`).join(', ');
      throw new HarnessError(
        'SQ_INJECT_FAILED',
        `Links are hardly faster than ${rate(limit)} as it is (${says}), so ${NAME} would show nothing.`,
      );
    }
    return { reachable: measured };
  },
  inject: (entry, tools) =>
    addRule(entry, { kind: 'limit', bytesPerSecond: limitOf(entry.parameters) }, tools),
  async verify(entry, tools) {
    const limit = limitOf(entry.parameters);
    const now = await measure(measuredBefore(entry), limit, tools);
    const says = now.map((each) => `${namePair(each)} ${rate(each.bytesPerSecond)}`).join(', ');
    const wrong = now.filter(({ bytesPerSecond }) => bytesPerSecond <= 0 || bytesPerSecond > KEPT * limit);
    return wrong.length === 0
      ? seen(`Measured: ${says}.`)
      : notSeen(`Should be limited to ${rate(limit)}, measured: ${says}.`);
  },
  heal: (entry, tools) => linksOf(tools, NAME).remove(entry.id),
  async verifyHealed(entry, tools) {
    const limit = limitOf(entry.parameters);
    const pairs = await measuredToJudge<Measured>(entry, tools);
    const now = await measure(pairs, limit, tools);
    // Nearer to what it was than to the limit, by ratio: a machine under load is slower, but not by that much.
    const slow = now.filter(
      ({ bytesPerSecond }, n) => bytesPerSecond < Math.sqrt(limit * (pairs[n]?.bytesPerSecond ?? 0)),
    );
    if (slow.length > 0) {
      return notSeen(
        'Links that were limited still are.',
        slow.map((each) => `${namePair(each)}: ${rate(each.bytesPerSecond)}`),
      );
    }
    return seen(
      now.length === 0
        ? 'The rule is gone; its nodes do not answer for another reason.'
        : `Measured: ${now.map((each) => `${namePair(each)} ${rate(each.bytesPerSecond)}`).join(', ')}.`,
    );
  },
};

/** In bytes a second. */
const limitOf = (parameters: ParameterValues): number =>
  (numberOf(parameters, 'kilobitsPerSecond') ?? 1000) * 125;

const rate = (bytesPerSecond: number): string => `${Math.round(bytesPerSecond / 125)} kbit/s`;

/** As much as takes a second at the limit, so that one who keeps it and one who does not are far apart. */
async function measure(
  pairs: readonly Pair[],
  limit: number,
  tools: FaultTools,
): Promise<readonly Measured[]> {
  const links = linksOf(tools, NAME);
  if (links.transfer === undefined) {
    throw new HarnessError(
      'SQ_ABILITY_MISSING',
      `The lab ${tools.lab.name} cannot measure a transfer between nodes, so ${NAME} could not be verified.`,
    );
  }
  const bytes = Math.max(LEAST_BYTES, limit);
  // Where what is over a limit is dropped and sent once more, less than the limit gets through; and a lab may send some ahead.
  const timeout: Duration = { ms: 1000 + (4000 * bytes) / limit };
  const measured: Measured[] = [];
  for (const { from, to } of pairs)
    measured.push({ from, to, bytesPerSecond: await links.transfer(from, to, bytes, timeout) });
  return measured;
}
