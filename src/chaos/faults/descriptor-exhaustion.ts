import { HarnessError } from '../../model/errors.ts';
import type { BoundTarget } from '../../model/schedule.ts';
import type { Look, Units } from '../../ports/lab.ts';
import { LOOK_TIMEOUT, notSeen, seen, type Fault, type FaultTools } from '../fault.ts';
import { backendEjected, mayKeepAddress, silentMember } from '../fault-timers.ts';
import { pressing } from '../press-targets.ts';
import { windowOf } from '../read-timers.ts';

const unitOf = (target: BoundTarget): string => target.unit ?? target.name;

const PRESSING = pressing({
  kind: 'descriptors',
  what: (target) => ({ kind: 'descriptors', unit: unitOf(target) }),
  amountOf({ total }, name) {
    if (total > 0) return 0;
    throw new HarnessError('SQ_INJECT_FAILED', `No process of ${name} was found.`);
  },
  shows: ({ works }) => !works,
  say: ({ left, total }) => `${left} of ${total} descriptors left`,
});

/** Lets units open nothing more: no file, and no connection of a client. What they have open they keep. */
export const descriptorExhaustion: Fault = {
  name: 'descriptor-exhaustion',
  version: 1,
  summary:
    'Leaves units of nodes no descriptors: they keep what they have open and can open nothing more, for a while.',
  acts: 'unit',
  ...PRESSING,
  parameters: {},
  needs: ['units', 'pressure-descriptors'],
  predict(timers, context) {
    const silent = silentMember(timers, mayKeepAddress(context));
    const back = backendEjected(timers);
    return windowOf({
      outage: [0, Math.max(1000, Math.min(silent.max, context.duration.ms + back.max))],
      redundancy: [context.duration.ms, context.duration.ms + Math.max(back.max, 5000)],
      because: [
        ...silent.because,
        ...back.because,
        'connections that are open go on; new ones wait in the kernel until the unit may open them',
      ],
    });
  },
  async before(order, tools, signal) {
    for (const { target, look } of await looksAt(order.targets, tools)) {
      if (look === 'answers') continue;
      throw new HarnessError(
        'SQ_INJECT_FAILED',
        `${unitOf(target)} on ${target.node} does not answer (${look}), so it would show nothing.`,
      );
    }
    return PRESSING.before(order, tools, signal);
  },
  async verify(entry, tools) {
    const looks = await looksAt(entry.targets, tools);
    const answering = looks.filter(({ look }) => look === 'answers');
    const names = (some: typeof looks): string =>
      some.map(({ target, look }) => `${unitOf(target)} on ${target.node} is ${look}`).join(', ');
    return answering.length === 0
      ? seen(`${names(looks)}.`)
      : notSeen(
          `${answering.map(({ target }) => `${unitOf(target)} on ${target.node}`).join(', ')} still answers new clients.`,
        );
  },
};

function looksAt(
  targets: readonly BoundTarget[],
  tools: FaultTools,
): Promise<readonly { readonly target: BoundTarget; readonly look: Look }[]> {
  const units = unitsOf(tools);
  return Promise.all(
    targets.map(async (target) => ({
      target,
      look: await units.look(target.node, unitOf(target), LOOK_TIMEOUT),
    })),
  );
}

function unitsOf({ lab }: FaultTools): Units {
  if (lab.abilities.units) return lab.abilities.units;
  throw new HarnessError('SQ_ABILITY_MISSING', `The lab ${lab.name} cannot look at units of its nodes.`);
}
