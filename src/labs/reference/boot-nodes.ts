import { existsSync } from 'node:fs';
import { setGroupShares } from '../../adapters/linux-host/control-group.ts';
import { HarnessError } from '../../model/errors.ts';
import {
  CGROUP,
  containerOf,
  HOST_ADDRESS,
  HOST_MAC,
  LAB_LABEL,
  NETWORK_NAME,
  NODE_LABEL,
  NODE_SHAPES,
  POD_SUBNET,
  SERVICE_SUBNET,
  STATE_LABEL,
  SUBNET,
  type NodeShape,
} from './shape.ts';
import { OUTSIDE_CARD } from './cloud/cloud-values.ts';
import { cloudsYamlFile, noteThing } from './lab-record.ts';
import type { LabTools } from './lab-tools.ts';
import { sharedFolder, volumeFolder } from './node-volumes.ts';
import { MOUNTS, SHARED_MOUNT } from './render/node-files.ts';

/**
 * All nodes together weigh as much as four ordinary processes of this host. The prober comes before them all the same: it runs in
 * real time, which whoever may bring up a lab may do. With less, a build beside the lab would take its processors away until
 * members of etcd miss each other's heartbeats, and users would see outages that nobody injected.
 */
const LAB_SHARES = 4096;

/** How long systemd and the runtime of a node may take. */
const BOOT_TIMEOUT = { ms: 60_000 };

export async function makeNetwork(tools: LabTools, id: string, signal: AbortSignal): Promise<void> {
  const { folder, engine, network } = tools;
  // podman lets this host hand on packets as soon as a container has an address; that is given back.
  noteThing(folder, { kind: 'forwarding', was: await network.forwards() });
  const closed = [SUBNET, POD_SUBNET, SERVICE_SUBNET];
  for (const name of closed) noteThing(folder, { kind: 'route', name });
  await network.closeBehind(closed);
  noteThing(folder, { kind: 'network', name: NETWORK_NAME });
  await engine.createNetwork(
    { name: NETWORK_NAME, subnet: SUBNET, labels: { [LAB_LABEL]: id, [STATE_LABEL]: folder } },
    signal,
  );
  noteThing(folder, { kind: 'group', name: CGROUP });
}

export async function startNode(
  tools: LabTools,
  node: NodeShape,
  { id, image }: { readonly id: string; readonly image: string },
  signal: AbortSignal,
): Promise<void> {
  const { folder, engine } = tools;
  const name = containerOf(node.name);
  noteThing(folder, { kind: 'container', name });
  const volume = volumeFolder(tools, node.name);
  await engine.run(
    {
      name,
      hostname: node.name,
      image,
      labels: { [LAB_LABEL]: id, [NODE_LABEL]: node.name, [STATE_LABEL]: folder },
      network: { name: NETWORK_NAME, address: node.address, mac: node.mac },
      binds: [
        ...MOUNTS.filter(({ only }) => only === undefined || only === node.role).map(({ from, to }) => ({
          from: `${volume}/${from}`,
          to,
        })),
        ...(node.role === 'control' ? [{ from: sharedFolder(tools), to: SHARED_MOUNT }] : []),
      ],
      inMemory: ['/run', '/tmp'],
      cpuShares: 512,
      cgroupParent: CGROUP,
    },
    signal,
  );
}

/** This host's own way to the nodes; needed again whenever the last node was off. */
export async function joinNetwork(tools: LabTools): Promise<void> {
  const bridge = await tools.engine.bridgeOf(NETWORK_NAME);
  if (bridge === undefined) throw new HarnessError('SQ_LAB', `The network ${NETWORK_NAME} is gone.`);
  await tools.network.join(bridge, `${HOST_ADDRESS}/24`, HOST_MAC);
  await setGroupShares(CGROUP, LAB_SHARES);
  if (existsSync(cloudsYamlFile(tools.folder))) await joinOutside(tools);
}

/** This host is a user outside of the cloud: it is joined to the network behind which floating addresses are. */
export async function joinOutside({ engine, network }: LabTools): Promise<void> {
  const on = await engine.bridgeOf(NETWORK_NAME);
  if (on === undefined) throw new HarnessError('SQ_LAB', `The network ${NETWORK_NAME} is gone.`);
  const peers = NODE_SHAPES.filter(({ role }) => role === 'compute').map(({ address }) => address);
  await network.joinCard({ ...OUTSIDE_CARD, on, local: HOST_ADDRESS, peers });
}

/** One question that waits inside is cheaper than many from outside. */
const UNTIL_RUNTIME = `until [ -S /run/containerd/containerd.sock ] && systemctl --quiet is-active containerd; do sleep 0.1; done`;

export async function waitForRuntime(tools: LabTools, node: NodeShape, signal: AbortSignal): Promise<void> {
  const { code, stderr } = await tools.engine.exec(
    containerOf(node.name),
    ['/bin/sh', '-c', UNTIL_RUNTIME],
    { timeout: BOOT_TIMEOUT },
    signal,
  );
  if (code !== 0)
    throw new HarnessError('SQ_LAB', `The container runtime of ${node.name} did not start. ${stderr}`.trim());
}
