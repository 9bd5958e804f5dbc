import { createKubernetesApi } from '../../src/adapters/kubernetes/index.ts';
import { createOpenStackApi } from '../../src/adapters/openstack/index.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { openLane, type OpenLane } from '../../src/conformance/lane.ts';
import type { LabConnection } from '../../src/ports/lab.ts';
import type { FromLane, Lane, LaneAssignment, LaneLauncher } from '../../src/ports/lanes.ts';

/** Lanes of this very process, which saves the start of processes where hundreds of short runs are made. */
export function inProcessLanes(connection: LabConnection): LaneLauncher {
  return { launch: (assignment) => new InProcessLane(assignment, connection) };
}

class InProcessLane implements Lane {
  readonly exited: Lane['exited'];
  #listener: (message: FromLane) => void = () => undefined;
  readonly #lane: Promise<OpenLane>;

  constructor(assignment: LaneAssignment, connection: LabConnection) {
    this.#lane = this.#open(assignment, connection);
    this.exited = this.#lane.then(async (lane) => {
      await lane.closed;
      return { code: 0, signal: null, says: '' };
    });
  }

  send(message: Parameters<Lane['send']>[0]): void {
    void this.#lane.then((lane) => lane.receive(message));
  }

  onMessage(listener: (message: FromLane) => void): void {
    this.#listener = listener;
  }

  kill(): void {
    this.send({ kind: 'stop', now: true });
  }

  async #open(assignment: LaneAssignment, connection: LabConnection): Promise<OpenLane> {
    const clock = createSystemClock();
    const order = { connection, environment: {}, clock };
    return openLane(assignment, {
      clock,
      ...(connection.kubeconfig === undefined ? {} : { kubernetes: await createKubernetesApi(order) }),
      ...(connection.cloudsYaml === undefined ? {} : { openstack: await createOpenStackApi(order) }),
      send: (message) => this.#listener(message),
    });
  }
}
