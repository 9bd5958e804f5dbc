import { describeError, HarnessError } from '../../model/errors.ts';
import { joinNetwork, joinOutside, makeNetwork, startNode, waitForRuntime } from './boot-nodes.ts';
import { ClusterReader } from './cluster-reader.ts';
import {
  applyNameService,
  askByAddress,
  initialise,
  joinNode,
  readAdminKubeconfig,
  shareAuthority,
} from './join-cluster.ts';
import { keepSnapshot } from './keep-snapshot.ts';
import { kubeconfigFile, noteThing, writeWhole, type LabLayout } from './lab-record.ts';
import { deployService, lacksOfCloud, prepareCloud, writeCloudAccess } from './cloud/deploy-cloud.ts';
import { openCloud, runFirstServer } from './cloud/first-server.ts';
import { lacksOfServices } from './cloud/services-up.ts';
import type { CloudParts, LabParts } from './lab-parts.ts';
import type { LabTools } from './lab-tools.ts';
import { ensureTemplate, forgetOthers, giveVolumes, volumeFolder, writeNodeFiles } from './node-volumes.ts';
import type { Acts } from './plan-steps.ts';
import { freeLeaders } from './free-leaders.ts';
import { askName, lacksOf, runTestPod } from './readiness.ts';
import { renderNodeFiles, type NodeFacts } from './render/node-files.ts';
import { CONTROL_NODES, LAB_NAME, NODE_SHAPES, type NodeShape } from './shape.ts';

export interface BringUp {
  readonly tools: LabTools;
  readonly layout: LabLayout;
  readonly parts: LabParts;
  readonly facts: NodeFacts;
  /** The volumes are those of a snapshot. */
  readonly joined: boolean;
  readonly report: (says: string) => void;
}

/** How long a lab may take from its last join to be whole; it takes a tenth of that on an idle machine. */
const PATIENCE_MS = 180_000;
/** From a snapshot all services of a cloud start at once, which two cores take minutes for. */
const CLOUD_PATIENCE_MS = 900_000;
const LOOK = { ms: 250 };

/** The API of the new cluster, once there is one. */
type Cluster = () => ClusterReader;

/** What each step of `planSteps` does on this host. */
export function actsOf(order: BringUp): Acts {
  const cluster = clusterOf(order.tools);
  return {
    ...machineActs(order),
    ...joinActs(order, cluster),
    ...proofActs(order, cluster),
    ...cloudActs(order, cluster),
  };
}

type MachineActs = Pick<
  Acts,
  | 'attachDisk'
  | 'makeTemplate'
  | 'giveVolumes'
  | 'makeNetwork'
  | 'startNode'
  | 'joinNetwork'
  | 'waitForRuntime'
>;

function machineActs({ tools, layout, parts, facts, joined }: BringUp): MachineActs {
  return {
    async attachDisk(signal) {
      noteThing(tools.folder, { kind: 'disk', name: tools.disk.folder });
      await tools.disk.attach(signal);
      await forgetOthers(tools, { parts: parts.key, lab: layout.key });
    },
    async makeTemplate(signal) {
      await ensureTemplate(tools, { id: layout.id, parts }, signal);
    },
    async giveVolumes() {
      await giveVolumes(tools, joined ? { snapshot: layout.key } : { parts });
      if (joined) return;
      for (const node of NODE_SHAPES)
        writeNodeFiles(volumeFolder(tools, node.name), renderNodeFiles(node, facts));
    },
    makeNetwork: (signal) => makeNetwork(tools, layout.id, signal),
    startNode: (node, signal) => startNode(tools, node, layout, signal),
    joinNetwork: () => joinNetwork(tools),
    waitForRuntime: (node, signal) => waitForRuntime(tools, node, signal),
  };
}

type JoinActs = Pick<Acts, 'initialise' | 'waitForAddress' | 'shareAuthority' | 'deployNames' | 'join'>;

function joinActs(order: BringUp, cluster: Cluster): JoinActs {
  const { tools, layout } = order;
  const first = CONTROL_NODES[0] as NodeShape;
  const others = NODE_SHAPES.filter((node) => node !== first);
  return {
    initialise: (node, signal) => initialise(tools, node, signal),
    async waitForAddress(signal) {
      const held = async (): Promise<boolean> => (await cluster().ask('GET', '/readyz'))?.status === 200;
      await until(order, async () => ((await held()) ? undefined : 'nobody holds the API address'), signal);
      await askByAddress(tools, first);
    },
    async shareAuthority() {
      shareAuthority(tools, layout.token, first, others);
    },
    deployNames: (node, signal) => applyNameService(tools, node, signal),
    join: (node, signal) => joinNode(tools, node, signal),
  };
}

type ProofActs = Pick<Acts, 'freeLeaders' | 'waitUntilWhole' | 'runTestPod' | 'askName' | 'keepSnapshot'>;

function proofActs(order: BringUp, cluster: Cluster): ProofActs {
  const { tools, layout, parts, report } = order;
  const since = tools.clock.wall();
  return {
    freeLeaders: (signal) => until(order, () => freeLeaders(cluster(), since), signal),
    waitUntilWhole: (signal) =>
      until(order, () => lacksOf({ cluster: cluster(), since: () => since }), signal),
    async runTestPod(signal) {
      const ran = (): Promise<boolean> => runTestPod(cluster(), parts.idleImage);
      await until(order, async () => ((await ran()) ? undefined : 'the test pod does not run'), signal);
    },
    async askName(signal) {
      await until(order, () => askName(tools.engine, 'compute-1', signal), signal);
      writeWhole(kubeconfigFile(tools.folder), connectionText(tools));
    },
    async keepSnapshot() {
      const stoodMs = await keepSnapshot(tools, layout.key, layout.token);
      report(`         the nodes stood still for ${Math.round(stoodMs)} ms while their volumes were kept`);
    },
  };
}

type CloudActs = Pick<Acts, 'prepareCloud' | 'deployService' | 'waitForCloud' | 'runFirstServer'>;

function cloudActs(order: BringUp, cluster: Cluster): CloudActs {
  const { tools, parts, report } = order;
  const cloud = (): CloudParts => {
    if (parts.cloud === undefined) throw new HarnessError('SQ_INTERNAL', 'This lab has no parts of a cloud.');
    return parts.cloud;
  };
  return {
    prepareCloud: () => prepareCloud(tools, cloud()),
    deployService: (name, signal) => deployService(tools, cloud(), name, signal),
    async waitForCloud(signal) {
      await until(order, () => lacksOfCloud(cluster()), signal, CLOUD_PATIENCE_MS);
      writeCloudAccess(tools);
      await joinOutside(tools);
      const api = await openCloud(tools);
      // What does not answer yet is behind as well.
      const behind = (): Promise<string | undefined> => lacksOfServices(api, signal).catch(describeError);
      await until(order, behind, signal, CLOUD_PATIENCE_MS);
    },
    async runFirstServer(signal) {
      report(`         ${await runFirstServer(tools, signal)}`);
    },
  };
}

/** The administrator's kubeconfig under a context of the lab's name. */
function connectionText(tools: LabTools): string {
  const text = readAdminKubeconfig(tools, (CONTROL_NODES[0] as NodeShape).name);
  return text.replaceAll('kubernetes-admin@reference', LAB_NAME);
}

/** Opened when it is first asked for: the file is made on the way. */
function clusterOf(tools: LabTools): Cluster {
  let opened: ClusterReader | undefined;
  return () => {
    const node = (CONTROL_NODES[0] as NodeShape).name;
    return (opened ??= new ClusterReader(readAdminKubeconfig(tools, node), tools.clock));
  };
}

async function until(
  { tools: { clock }, report }: BringUp,
  lacks: () => Promise<string | undefined>,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const endNs = clock.now().ns + patienceMs * 1e6;
  let said: string | undefined;
  for (;;) {
    const now = await lacks();
    if (now === undefined) return;
    if (clock.now().ns > endNs)
      throw new HarnessError('SQ_LAB', `After ${patienceMs / 1000} s ${now}.`, {
        remedy:
          'Look by `squall lab logs --lab reference` and `squall lab shell control-1 --lab reference`, then `squall lab down --lab reference`.',
      });
    if (now !== said) report(`         waiting: ${now}`);
    said = now;
    await clock.sleep(LOOK, signal);
  }
}
