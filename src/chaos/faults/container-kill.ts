import { HarnessError } from '../../model/errors.ts';
import { chooseContainers, chosenIn, CONTAINER, nameOf, type HurtContainer } from '../chosen-containers.ts';
import { notSeen, seen, type Fault, type FaultTools } from '../fault.ts';
import { backendEjected, containerRestarted } from '../fault-timers.ts';
import { containersOf, kubernetesOf, podPath } from '../pods.ts';
import { windowOf } from '../read-timers.ts';

const NAME = 'container-kill';

/** Kills the main process of one container. Its node starts it again, or does not: that is judged, and not healed. */
export const containerKill: Fault = {
  name: NAME,
  version: 1,
  summary:
    'Kills the main process of a container in pods; the pod stays, and its node starts the container again.',
  acts: 'pod',
  lasts: false,
  parameters: { container: CONTAINER },
  needs: ['kubernetes', 'containers'],
  expiryHolder: 'none',
  // A kubelet looks at its containers every second, and reports what it saw when its own queue lets it.
  patience: () => ({ verify: { ms: 20_000 } }),
  predict(timers, { roles }) {
    const ejected = roles.includes('api') ? backendEjected(timers) : { min: 0, max: 1000, because: [] };
    const restarted = containerRestarted(timers);
    return windowOf({
      outage: [0, ejected.max],
      redundancy: [0, restarted.max],
      because: [...ejected.because, ...restarted.because],
    });
  },
  before: (order, tools, signal) => chooseContainers(order, kubernetesOf(tools, NAME), signal),
  async inject(entry, tools) {
    const { containers } = tools.lab.abilities;
    if (containers === undefined) {
      throw new HarnessError(
        'SQ_ABILITY_MISSING',
        `The lab ${tools.lab.name} cannot kill single containers.`,
      );
    }
    await Promise.all(
      chosenIn(entry).map(({ target, runtimeId }) => containers.kill(target.node, runtimeId)),
    );
  },
  async verify(entry, tools, signal) {
    const same: string[] = [];
    for (const chosen of chosenIn(entry))
      if (await stillRuns(chosen, tools, signal)) same.push(nameOf(chosen));
    const names = chosenIn(entry).map(nameOf).join(', ');
    return same.length === 0
      ? seen(`The API no longer shows the containers that ran before: ${names}.`)
      : notSeen(`The API still shows ${same.join(', ')} running as before.`);
  },
  heal: async () => undefined,
  verifyHealed: async () => seen('A killed container is started again by its node; nothing of ours stays.'),
};

async function stillRuns(
  { target, container, id, restarts }: HurtContainer,
  tools: FaultTools,
  signal: AbortSignal,
): Promise<boolean> {
  const pod = await kubernetesOf(tools, NAME).get(podPath(target), signal);
  if (pod?.metadata.uid !== target.uid) return false;
  const now = containersOf(pod).find(({ name }) => name === container);
  return now !== undefined && now.running && now.containerID === id && now.restartCount === restarts;
}
