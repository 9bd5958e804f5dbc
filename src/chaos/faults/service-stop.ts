import { HarnessError } from '../../model/errors.ts';
import type { BoundTarget } from '../../model/schedule.ts';
import type { Units } from '../../ports/lab.ts';
import { LOOK_TIMEOUT, notSeen, seen, type Fault, type FaultTools } from '../fault.ts';
import { backendEjected, silentMember } from '../fault-timers.ts';
import { windowOf } from '../read-timers.ts';
import { timeLeft } from '../time-left.ts';

/** Stops a unit of a node; the node itself starts it again at the declared end. */
export const serviceStop: Fault = {
  name: 'service-stop',
  version: 1,
  summary: 'Stops a unit or static pod on a node for a while.',
  acts: 'unit',
  lasts: true,
  parameters: {},
  needs: ['units'],
  expiryHolder: 'target',
  restarts: 'unit',
  predict(timers, context) {
    // A unit that is told to stop may give up what it holds at once.
    const { holdsAddress } = context;
    const silent = silentMember(timers, {
      ...context,
      holdsAddress: holdsAddress === 'yes' ? 'perhaps' : holdsAddress,
    });
    const back = backendEjected(timers);
    return windowOf({
      outage: [0, silent.max],
      redundancy: [context.duration.ms, context.duration.ms + Math.max(back.max, 2500)],
      because: [
        ...silent.because,
        ...back.because,
        'the unit is started again after the duration of the step',
      ],
    });
  },
  async before({ targets }, tools) {
    const units = unitsOf(tools);
    const running: Record<string, boolean> = {};
    for (const target of targets) {
      const listed = (await units.list(target.node)).find(({ unit }) => unit === unitOf(target));
      if (!listed?.running) {
        throw new HarnessError(
          'SQ_INJECT_FAILED',
          `${unitOf(target)} does not run on ${target.node}, so stopping it would show nothing.`,
        );
      }
      running[keyOf(target)] = true;
    }
    return { running };
  },
  async inject(entry, tools) {
    const units = unitsOf(tools);
    for (const target of entry.targets) {
      const startAgainAfter = timeLeft(entry, tools.clock);
      await units.stop(target.node, unitOf(target), { id: entry.id, startAgainAfter });
    }
  },
  async verify(entry, tools) {
    const looks = await looksAt(entry.targets, tools);
    const answering = looks.filter(({ look }) => look === 'answers');
    return answering.length === 0
      ? seen(looks.map(({ name, look }) => `${name} is ${look}`).join(', '))
      : notSeen(`${answering.map(({ name }) => name).join(', ')} still answers.`);
  },
  async findMarks({ lab }) {
    const { units } = lab.abilities;
    if (units === undefined) return [];
    const on = (await lab.status()).nodes.filter(({ power }) => power === 'on');
    const listed = await Promise.all(
      on.map(async ({ name }) => (await units.list(name)).map((unit) => ({ ...unit, node: name }))),
    );
    return listed.flat().flatMap(({ node, unit, stoppedBy }) => {
      if (stoppedBy === undefined) return [];
      const says = `${unit} on ${node} is stopped by ${stoppedBy}`;
      const run = stoppedBy.split('/')[0] ?? stoppedBy;
      return [{ id: `unit ${node}/${unit}`, run, says, heal: () => units.start(node, unit) }];
    });
  },
  async heal(entry, tools) {
    const units = unitsOf(tools);
    await Promise.all(entry.targets.map((target) => units.start(target.node, unitOf(target))));
  },
  async verifyHealed(entry, tools) {
    const looks = await looksAt(entry.targets, tools);
    const differences = looks
      .filter(({ look }) => look !== 'answers')
      .map(({ name, look }) => `${name}: was running, is ${look}`);
    return differences.length === 0
      ? seen(looks.map(({ name }) => `${name} answers`).join(', '))
      : notSeen('What was stopped does not answer yet.', differences);
  },
};

function unitsOf({ lab }: FaultTools): Units {
  if (lab.abilities.units) return lab.abilities.units;
  throw new HarnessError(
    'SQ_ABILITY_MISSING',
    `service-stop needs units, which the lab ${lab.name} cannot stop.`,
  );
}

const unitOf = (target: BoundTarget): string => target.unit ?? target.name;
const keyOf = (target: BoundTarget): string => `${target.node}/${unitOf(target)}`;

async function looksAt(
  targets: readonly BoundTarget[],
  tools: FaultTools,
): Promise<{ name: string; look: string }[]> {
  const units = unitsOf(tools);
  return Promise.all(
    targets.map(async (target) => ({
      name: `${unitOf(target)} on ${target.node}`,
      look: await units.look(target.node, unitOf(target), LOOK_TIMEOUT),
    })),
  );
}
