import { clusterApiListener } from '../cluster-api/cluster-api-listener.ts';
import { seedCluster } from '../cluster-api/seed.ts';
import { KUBERNETES_VERSION } from '../cluster-api/static-pods.ts';
import type { Host } from './host.ts';
import { CONTROL_NODES } from '../lab-layout.ts';
import { StoreUnavailable } from '../replica.ts';
import { timer } from '../timers.ts';
import type { WatchedStore } from '../watched-store.ts';
import { serveStore } from './api-store.ts';
import { hexToken } from './databases.ts';
import { LocalStore } from './local-store.ts';
import type { Replicas } from './pod-programs.ts';
import { startStoreMember } from './store-member.ts';
import { writeToLog } from './write-to-log.ts';
import type { UnitProgram } from './unit-keeper.ts';

export interface ApiServerUnits {
  readonly etcd: UnitProgram;
  readonly apiServer: UnitProgram;
  /** What is reached through the API server of this very node, while it runs. */
  readonly beside: WatchedStore;
}

/** etcd and kube-apiserver of one control node. */
export function apiServerUnits(host: Host, replicas: Replicas): ApiServerUnits {
  const store = new LocalStore();
  const beside = new LocalStore();
  let stopEtcd: (() => void) | undefined;
  let stopApi: (() => void) | undefined;
  const { layout, self } = host;
  const common = { store, nowMs: () => Date.now(), token: hexToken };
  return {
    beside,
    etcd: {
      start() {
        const member = startStoreMember(host, 'etcd', {
          heartbeatMs: timer('etcd.heartbeat-interval'),
          electionMs: timer('etcd.election-timeout'),
          requestMs: timer('etcd.request-limit'),
        });
        store.set(member.store);
        stopEtcd = member.stop;
        if (self === CONTROL_NODES[0]) void seedOnce(common);
      },
      stop() {
        store.set(undefined);
        stopEtcd?.();
      },
    },
    apiServer: {
      start() {
        const { adminToken, readerToken, controlToken } = layout;
        const api = clusterApiListener({ ...common, adminToken, readerToken, version: KUBERNETES_VERSION });
        stopApi = replicas.serve(
          'kubernetes',
          `kube-apiserver-${self}`,
          serveStore(store, controlToken, api),
        );
        beside.set(store);
      },
      stop() {
        beside.set(undefined);
        stopApi?.();
      },
    },
  };
}

const INSTALLED = 'installation/cluster';

/** What was deleted since must not come back with the next start, so it is written once in the life of the cluster. */
async function seedOnce(context: {
  readonly store: LocalStore;
  nowMs(): number;
  token(length: number): string;
}): Promise<void> {
  for (;;) {
    try {
      if ((await context.store.get(INSTALLED)) !== undefined) return;
      await seedCluster(context);
      await context.store.put(INSTALLED, {}, 'any');
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) writeToLog(error);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
