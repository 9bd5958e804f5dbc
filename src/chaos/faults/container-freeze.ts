import { HarnessError } from '../../model/errors.ts';
import type { HealingEntry } from '../../model/injection.ts';
import type { ContainerFreezer } from '../../ports/lab.ts';
import { chooseContainers, chosenIn, CONTAINER, nameOf, type HurtContainer } from '../chosen-containers.ts';
import { notSeen, seen, type Fault, type FaultTools } from '../fault.ts';
import { backendEjected, silentMember } from '../fault-timers.ts';
import { kubernetesOf } from '../pods.ts';
import { windowOf } from '../read-timers.ts';
import { timeLeft } from '../time-left.ts';

const NAME = 'container-freeze';

/** Stops one container in place: it holds its connections, and says nothing. Its node lets it go on at the declared end. */
export const containerFreeze: Fault = {
  name: NAME,
  version: 1,
  summary: 'Freezes a container in pods, so that it hangs rather than dies, and thaws it after a while.',
  acts: 'pod',
  lasts: true,
  parameters: { container: CONTAINER },
  needs: ['kubernetes', 'containers', 'container-freeze'],
  expiryHolder: 'target',
  predict(timers, context) {
    // It keeps nothing from its node, which may hold an address all the same.
    const silent = silentMember(timers, { ...context, holdsAddress: 'no' });
    const back = backendEjected(timers);
    return windowOf({
      outage: [0, Math.min(silent.max, context.duration.ms)],
      redundancy: [context.duration.ms, context.duration.ms + back.max],
      because: [...silent.because, ...back.because, 'a thawed container goes on where it stopped'],
    });
  },
  async before(order, tools, signal) {
    freezerOf(tools);
    return chooseContainers(order, kubernetesOf(tools, NAME), signal);
  },
  async inject(entry, tools) {
    const thawAfter = timeLeft(entry, tools.clock);
    await Promise.all(
      chosenIn(entry).map(({ target, runtimeId }) =>
        freezerOf(tools).freeze(target.node, runtimeId, { id: entry.id, thawAfter }),
      ),
    );
  },
  async verify(entry, tools) {
    const other = (await statesOf(entry, tools)).filter(({ state }) => state !== 'frozen');
    return other.length === 0
      ? seen(`The kernel runs nothing of ${chosenIn(entry).map(nameOf).join(', ')}.`)
      : notSeen(
          other.map((each) => `${nameOf(each)} ${each.state === 'gone' ? 'is gone' : 'runs'}`).join(', '),
        );
  },
  async findMarks(tools) {
    const { freezer } = tools.lab.abilities.containers ?? {};
    if (freezer === undefined) return [];
    const on = (await tools.lab.status()).nodes.filter(({ power }) => power === 'on');
    const found = await Promise.all(
      on.map(async ({ name }) => (await freezer.frozen(name)).map((each) => ({ ...each, node: name }))),
    );
    return found.flat().map(({ node, id, by }) => ({
      id: `container ${node}/${id}`,
      run: by.split('/')[0] ?? by,
      says: `the container ${id.slice(0, 12)} on ${node} is frozen by ${by}`,
      heal: () => freezer.thaw(node, id),
    }));
  },
  async heal(entry, tools) {
    await Promise.all(
      chosenIn(entry).map(({ target, runtimeId }) => freezerOf(tools).thaw(target.node, runtimeId)),
    );
  },
  async verifyHealed(entry, tools) {
    const frozen = (await statesOf(entry, tools)).filter(({ state }) => state === 'frozen');
    return frozen.length === 0
      ? seen('The kernel runs again what was frozen, or its node has replaced it.')
      : notSeen(
          'A container is still frozen.',
          frozen.map((each) => `${nameOf(each)}: ran, is frozen`),
        );
  },
};

function freezerOf({ lab }: FaultTools): ContainerFreezer {
  const { freezer } = lab.abilities.containers ?? {};
  if (freezer !== undefined) return freezer;
  throw new HarnessError('SQ_ABILITY_MISSING', `The lab ${lab.name} cannot freeze single containers.`);
}

const statesOf = (
  entry: HealingEntry,
  tools: FaultTools,
): Promise<readonly (HurtContainer & { readonly state: 'frozen' | 'runs' | 'gone' })[]> =>
  Promise.all(
    chosenIn(entry).map(async (each) => ({
      ...each,
      state: await freezerOf(tools).state(each.target.node, each.runtimeId),
    })),
  );
