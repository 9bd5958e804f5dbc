import type { Clock } from '../ports/clock.ts';
import type { LabConnection } from '../ports/lab.ts';
import type { Clients } from '../run/world.ts';

/** Clients load late: the libraries under them take most of a second. */
export async function connect(connection: LabConnection, clock: Clock): Promise<Clients> {
  const environment = process.env;
  const [kubernetes, openstack] = await Promise.all([
    connection.kubeconfig === undefined
      ? undefined
      : import('../adapters/kubernetes/index.ts').then(({ createKubernetesApi }) =>
          createKubernetesApi({ connection, environment, clock }),
        ),
    connection.cloudsYaml === undefined && connection.cloud === undefined
      ? undefined
      : import('../adapters/openstack/index.ts').then(({ createOpenStackApi }) =>
          createOpenStackApi({ connection, environment, clock }),
        ),
  ]);
  return {
    ...(kubernetes === undefined ? {} : { kubernetes }),
    ...(openstack === undefined ? {} : { openstack }),
  };
}
