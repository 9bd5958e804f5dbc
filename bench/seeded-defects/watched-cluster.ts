import type { Clock } from '../../src/ports/clock.ts';
import type { KubernetesApi, KubernetesObject } from '../../src/ports/kubernetes.ts';

/** Waits for states of a cluster that defects are seeded in. */
export interface WatchedCluster {
  /** Until every node and every pod of the system is ready. @throws after two minutes. */
  untilWhole(): Promise<void>;
  /**
   * API servers and the holder of a lease may have changed: until the API answers ten times on end, and controllers are led.
   * @throws after a minute and a half.
   */
  untilSteady(): Promise<void>;
}

export function watchedCluster(api: KubernetesApi, clock: Clock): WatchedCluster {
  return {
    async untilWhole() {
      for (let tries = 0; tries < 240; tries++) {
        const lacks = await lacksNow(api).catch((error: unknown) => String(error));
        if (lacks === undefined) return;
        await clock.sleep({ ms: 500 });
      }
      throw new Error('The cluster did not become whole again.');
    },
    async untilSteady() {
      const answers = (): Promise<boolean> =>
        api.request({ method: 'GET', path: '/readyz' }).then(
          ({ status }) => status === 200,
          () => false,
        );
      for (let tries = 0, good = 0; good < 10; tries++) {
        if (tries > 300) throw new Error('The API does not answer.');
        good = (await answers()) ? good + 1 : 0;
        await clock.sleep({ ms: 300 });
      }
      const path = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager';
      const renewed = async (): Promise<unknown> =>
        ((await api.get(path))?.['spec'] as { renewTime?: string }).renewTime;
      const first = await renewed();
      for (let tries = 0; (await renewed()) === first; tries++) {
        if (tries > 120) throw new Error('Nobody leads the controllers.');
        await clock.sleep({ ms: 500 });
      }
    },
  };
}

async function lacksNow(api: KubernetesApi): Promise<string | undefined> {
  const [nodes, pods] = await Promise.all([
    api.list('/api/v1/nodes'),
    api.list('/api/v1/namespaces/kube-system/pods'),
  ]);
  const isReady = ({ status }: KubernetesObject): boolean =>
    (
      (status as { conditions?: readonly { type: string; status: string }[] } | undefined)?.conditions ?? []
    ).some((one) => one.type === 'Ready' && one.status === 'True');
  return [...nodes, ...pods].find((object) => !isReady(object))?.metadata.name;
}
