import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../../model/errors.ts';
import { API_ADDRESS, API_PORT, containerOf, type NodeShape } from './shape.ts';
import { logsFolder } from './lab-record.ts';
import type { LabTools } from './lab-tools.ts';
import { mustOnNode } from './node-exec.ts';
import { volumeFolder } from './node-volumes.ts';
import { renderDiscovery } from './render/kubeadm-configuration.ts';

const TIMEOUT = { ms: 240_000 };

/** What the control nodes of one cluster have in common; all else each makes for itself. */
const SHARED = [
  'ca.crt',
  'ca.key',
  'sa.key',
  'sa.pub',
  'front-proxy-ca.crt',
  'front-proxy-ca.key',
  'etcd/ca.crt',
  'etcd/ca.key',
];

/** The lab says itself what kubeadm would look for, and deploys the name service so that its two pods are on two nodes. */
export async function initialise(tools: LabTools, node: NodeShape, signal: AbortSignal): Promise<void> {
  await kubeadm(tools, node, ['init', '--skip-phases=preflight,addon/coredns'], signal);
}

export async function joinNode(tools: LabTools, node: NodeShape, signal: AbortSignal): Promise<void> {
  await kubeadm(tools, node, ['join', '--skip-phases=preflight'], signal);
  if (node.role === 'control') await askByAddress(tools, node);
}

/**
 * kubeadm ties the kubelet of a control node to the API server beside it. When that one waits for an etcd that is stopped, the
 * kubelet waits with it for a minute and more before it starts that etcd again; by the API address it asks one that works.
 */
export async function askByAddress(tools: LabTools, node: NodeShape): Promise<void> {
  const own = `https://${node.address}:${API_PORT}`;
  const script = `sed -i 's#${own}#https://${API_ADDRESS}:${API_PORT}#' /etc/kubernetes/kubelet.conf && systemctl restart kubelet`;
  await mustOnNode(tools, node.name, ['/bin/sh', '-c', script]);
}

async function kubeadm(
  tools: LabTools,
  node: NodeShape,
  given: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const lines: string[] = [];
  const log = join(logsFolder(tools.folder), `${node.name}-kubeadm.log`);
  const startNs = tools.clock.now().ns;
  const onLine = (line: string): void => {
    lines.push(`${((tools.clock.now().ns - startNs) / 1e9).toFixed(2)} ${line}`);
  };
  try {
    const { code } = await tools.engine.exec(
      containerOf(node.name),
      ['kubeadm', ...given, '--config', '/etc/squall/kubeadm.json', '--v=1'],
      { timeout: TIMEOUT, onLine },
      signal,
    );
    if (code !== 0)
      throw new HarnessError('SQ_LAB', `kubeadm ${given[0]} failed on ${node.name}: ${lastOf(lines)}`, {
        remedy: `Read ${log}, look around by \`squall lab shell ${node.name} --lab reference\`, then \`squall lab down --lab reference\`.`,
      });
  } finally {
    mkdirSync(logsFolder(tools.folder), { recursive: true, mode: 0o700 });
    writeFileSync(log, `${lines.join('\n')}\n`, { mode: 0o600 });
  }
}

const lastOf = (lines: readonly string[]): string => lines.slice(-3).join(' ');

/** Gives other control nodes the keys of the first, as an operator would carry them; never through the cluster. */
export function shareAuthority(
  tools: LabTools,
  token: string,
  from: NodeShape,
  to: readonly NodeShape[],
): void {
  const source = join(volumeFolder(tools, from.name), 'kubernetes', 'pki');
  const discovery = renderDiscovery(readFileSync(join(source, 'ca.crt'), 'utf8'), token);
  for (const node of to) {
    const volume = volumeFolder(tools, node.name);
    writeFileSync(join(volume, 'squall', 'discovery.conf'), discovery, { mode: 0o600 });
    if (node.role !== 'control') continue;
    for (const file of SHARED) {
      mkdirSync(join(volume, 'kubernetes', 'pki', 'etcd'), { recursive: true, mode: 0o755 });
      cpSync(join(source, file), join(volume, 'kubernetes', 'pki', file), { preserveTimestamps: true });
    }
  }
}

/** It may do anything; whoever may read it is the lab's owner. */
export function readAdminKubeconfig(tools: LabTools, node: string): string {
  return readFileSync(join(volumeFolder(tools, node), 'kubernetes', 'admin.conf'), 'utf8');
}

export async function applyNameService(tools: LabTools, node: NodeShape, signal: AbortSignal): Promise<void> {
  const { code, stderr } = await tools.engine.exec(
    containerOf(node.name),
    [
      'kubectl',
      '--kubeconfig=/etc/kubernetes/admin.conf',
      'create',
      '--filename=/etc/squall/name-service.json',
    ],
    {},
    signal,
  );
  if (code !== 0)
    throw new HarnessError('SQ_LAB', `The name service could not be deployed: ${stderr}`.trim());
}
