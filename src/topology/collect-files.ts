import { describeError, HarnessError } from '../model/errors.ts';
import { seconds } from '../model/duration.ts';
import type { KubernetesApi, KubernetesObject } from '../ports/kubernetes.ts';
import type { Inspect } from '../ports/lab.ts';
import type { ConfigurationFile, UnreadFile } from './cluster-objects.ts';
import { isControlNode } from './node-roles.ts';
import { byText, field, textsAt } from './object-fields.ts';

/** Where times are written down: kubeadm's own names, and those that address keepers in a cluster use. */
const SYSTEM_FILES = ['kubelet-config', 'kubeadm-config', 'keepalived-config', 'haproxy-config'] as const;
/**
 * OpenStack-Helm keeps the files of each chart in `<chart>-etc`, as a Secret where they hold passwords; what stands in front of the
 * cloud is named as it is for the cluster.
 */
const OPENSTACK_FILES = ['nova-etc', 'neutron-etc', 'mariadb-etc', 'haproxy-config'] as const;
/** Where the package of every distribution puts it. */
export const KEEPALIVED_FILE = '/etc/keepalived/keepalived.conf';
/** How long a node may take to answer; one that does not is told as unread. */
const PATIENCE = seconds(10);

interface Files {
  readonly files: readonly ConfigurationFile[];
  readonly unread: readonly UnreadFile[];
}

interface Known {
  readonly nodes: readonly KubernetesObject[];
  /** Deployments and StatefulSets. */
  readonly workloads: readonly KubernetesObject[];
}

/** The files in which times are set: in ConfigMaps and Secrets, and on nodes where the lab can ask them. */
export async function collectFiles(
  kubernetes: KubernetesApi,
  inspect: Inspect | undefined,
  { nodes, workloads }: Known,
  signal: AbortSignal,
): Promise<Files> {
  const objects = await Promise.all([
    ...SYSTEM_FILES.map((name) =>
      fromObject(kubernetes, { kind: 'configmap', namespace: 'kube-system', name }, signal),
    ),
    ...openstackNamespaces(workloads).flatMap((namespace) =>
      OPENSTACK_FILES.flatMap((name) =>
        (['configmap', 'secret'] as const).map((kind) =>
          fromObject(kubernetes, { kind, namespace, name }, signal),
        ),
      ),
    ),
  ]);
  const found = join(objects);
  const hasKubelet = found.files.some(({ from }) => from === 'configmap kube-system/kubelet-config');
  const more = await Promise.all([
    keepalivedOfNodes(inspect, nodes),
    // A cluster without kubeadm's ConfigMap may still let this user ask a kubelet itself.
    hasKubelet ? { files: [], unread: [] } : kubeletItself(kubernetes, nodes, signal),
  ]);
  return join([found, ...more]);
}

const join = (parts: readonly Files[]): Files => ({
  files: parts.flatMap(({ files }) => files),
  unread: parts.flatMap(({ unread }) => unread),
});

function openstackNamespaces(workloads: readonly KubernetesObject[]): readonly string[] {
  const found = workloads.filter(({ metadata }) =>
    ['nova', 'neutron', 'mariadb'].includes(metadata.labels?.['application'] ?? ''),
  );
  return [...new Set(found.map(({ metadata }) => metadata.namespace ?? ''))].sort(byText);
}

async function fromObject(
  kubernetes: KubernetesApi,
  wanted: { readonly kind: 'configmap' | 'secret'; readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<Files> {
  const { kind, namespace, name } = wanted;
  const from = `${kind} ${namespace}/${name}`;
  try {
    const object = await kubernetes.get(`/api/v1/namespaces/${namespace}/${kind}s/${name}`, signal);
    return { files: object === undefined ? [] : filesOf(kind, object, from), unread: [] };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    if (error.facts['status'] === 404) return { files: [], unread: [] };
    if (error.facts['status'] !== 403) throw error;
    return { files: [], unread: [{ from, reason: `This user may not read the ${from}.` }] };
  }
}

function filesOf(kind: string, object: KubernetesObject, from: string): readonly ConfigurationFile[] {
  const decode = (text: string): string =>
    kind === 'secret' ? Buffer.from(text, 'base64').toString('utf8') : text;
  const entries = Object.entries(textsAt(object, 'data')).sort(([a], [b]) => byText(a, b));
  return entries.map(([name, text]) => ({ from, name, text: decode(text) }));
}

/** keepalived is a unit of the control nodes in most clusters, and nothing in the API speaks of it. */
async function keepalivedOfNodes(
  inspect: Inspect | undefined,
  nodes: readonly KubernetesObject[],
): Promise<Files> {
  if (inspect === undefined) return { files: [], unread: [] };
  const names = nodes.filter(isControlNode).map(({ metadata }) => metadata.name);
  const asked = names.sort(byText).map(async (node): Promise<Files> => {
    const from = `node ${node}`;
    try {
      const text = await inspect.file(node, KEEPALIVED_FILE, PATIENCE);
      return { files: text === undefined ? [] : [{ from, name: KEEPALIVED_FILE, text }], unread: [] };
    } catch (error) {
      return { files: [], unread: [{ from: `${from}, ${KEEPALIVED_FILE}`, reason: describeError(error) }] };
    }
  });
  return join(await Promise.all(asked));
}

/** What a kubelet says that it goes by, with its defaults filled in; needs `get` on `nodes/proxy`, which discovery does not ask for. */
async function kubeletItself(
  kubernetes: KubernetesApi,
  nodes: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<Files> {
  const names = nodes.map(({ metadata }) => metadata.name).sort(byText);
  const files: ConfigurationFile[] = [];
  for (const node of names) {
    const path = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/configz`;
    const answer = await kubernetes
      .request({ method: 'GET', path, timeout: PATIENCE, signal })
      .catch((error: unknown) => {
        signal.throwIfAborted();
        if (error instanceof HarnessError) return undefined;
        throw error;
      });
    const says = answer?.status === 200 ? field(answer.body, 'kubeletconfig') : undefined;
    if (says !== undefined)
      files.push({ from: `kubelet of ${node}`, name: 'configz', text: JSON.stringify(says, null, 1) });
    // Whoever may not ask one kubelet may not ask the next either.
    if (answer?.status === 401 || answer?.status === 403 || answer?.status === 404) break;
  }
  return { files, unread: [] };
}
