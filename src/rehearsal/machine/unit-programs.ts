import { clusterApiListener } from '../cluster-api/cluster-api-listener.ts';
import { seedCluster } from '../cluster-api/seed.ts';
import { KUBERNETES_VERSION, staticPodsOf } from '../cluster-api/static-pods.ts';
import type { MemberStore } from '../consensus/index.ts';
import type { HolderView } from '../front/holder-view.ts';
import { CONTROL_NODES, FRONTS } from '../lab-layout.ts';
import type { Unit } from '../lab-layout.ts';
import { startKubelet } from '../loops/kubelet.ts';
import { startLeaderElection } from '../loops/leader-election.ts';
import type { LoopContext } from '../loops/loop.ts';
import { startScheduler } from '../loops/scheduler.ts';
import { startControllers } from '../loops/start-controllers.ts';
import { timer } from '../timers.ts';
import type { WatchedStore } from '../watched-store.ts';
import { answerCall, callOver, storeBehind, storeOver } from './called-store.ts';
import type { StoreCall } from './called-store.ts';
import { Databases } from './databases.ts';
import type { Host } from './host.ts';
import { startKeepalived } from './keepalived.ts';
import { podRunner } from './pod-programs.ts';
import type { Replicas } from './pod-programs.ts';
import { hexToken, seedOnce, startStoreMember } from './store-member.ts';
import type { UnitProgram } from './units.ts';
import { writeToLog } from './write-to-log.ts';

/** What the units of a node do. @param isRunning whether that unit of this node runs */
export function unitPrograms(
  host: Host,
  replicas: Replicas,
  view: HolderView,
  isRunning: (unit: Unit) => boolean,
): Readonly<Record<Unit, UnitProgram>> {
  const { self, layout, wire } = host;
  let member: MemberStore | undefined;
  const etcd = storeBehind(() => member);
  const common = { nowMs: () => Date.now(), token: hexToken };
  if (self === CONTROL_NODES[0]) void seedOnce(etcd, () => seedCluster({ ...common, store: etcd }));
  // A kubelet comes through the address; what runs beside an API server uses that one.
  const distant = storeOver((call) => callOver((asked) => askThroughAddress(host, view, asked), call));
  const beside = storeBehind(() => (isRunning('kube-apiserver') ? member : undefined));
  const over = (store: WatchedStore): LoopContext => ({ ...common, store, report: writeToLog });
  const leading =
    (name: string, start: (context: LoopContext & { isLeader(): boolean }) => () => void): UnitProgram =>
    () => {
      const election = startLeaderElection({ ...over(beside), name, node: self });
      const stop = start({ ...over(beside), isLeader: () => election.isLeader() });
      return () => {
        stop();
        election.stop();
      };
    };
  const runner = podRunner(replicas, new Databases(host), isRunning);
  return {
    kubelet: () => startKubelet({ ...over(distant), node: self, runner, staticPods: staticPodsOf(self) }),
    containerd: () => () => undefined,
    keepalived: () => startKeepalived(host, view, over(distant)),
    etcd() {
      const { store, stop } = startStoreMember(host, 'etcd', {
        heartbeatMs: timer('etcd.heartbeat-interval'),
        electionMs: timer('etcd.election-timeout'),
        requestMs: timer('etcd.request-limit'),
      });
      member = store;
      return () => {
        member = undefined;
        stop();
      };
    },
    'kube-apiserver'() {
      const { adminToken, readerToken } = layout;
      const version = KUBERNETES_VERSION;
      const api = clusterApiListener({ ...common, store: etcd, adminToken, readerToken, version });
      const stop = replicas.serve('kubernetes', `kube-apiserver-${self}`, api);
      wire.serve('api-server', (call) => (call === null ? {} : answerCall(etcd, call as StoreCall)));
      return () => {
        wire.serve('api-server', undefined);
        stop();
      };
    },
    'kube-controller-manager': leading('kube-controller-manager', startControllers),
    'kube-scheduler': leading('kube-scheduler', startScheduler),
  };
}

async function askThroughAddress({ wire }: Host, view: HolderView, call: StoreCall): Promise<unknown> {
  if (view.holder === undefined) throw new Error('Nobody holds the address.');
  return wire.ask(view.holder, 'api', FRONTS.kubernetes, call, timer('api-client-read-idle-timeout'));
}
