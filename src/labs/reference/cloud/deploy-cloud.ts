import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../../../model/errors.ts';
import type { ClusterReader } from '../cluster-reader.ts';
import { cloudsYamlFile, kubeconfigFile, writeWhole } from '../lab-record.ts';
import type { CloudParts } from '../lab-parts.ts';
import type { LabTools } from '../lab-tools.ts';
import { CLOUD_NAMESPACE, cloudsYamlOf, makeSecrets, valuesOf, type CloudSecrets } from './cloud-values.ts';
import { cloudFolder, makeAuthority, readAuthority, readCertificate } from './lab-authority.ts';

/** Charts that may start beside each other, each list when the one before it is ready: all at once is more than two cores bear. */
export const STAGES: readonly (readonly string[])[] = [
  ['mariadb', 'rabbitmq', 'memcached', 'ingress'],
  ['keystone'],
  ['placement', 'glance', 'neutron'],
  ['nova'],
  ['cinder', 'heat'],
];

const LIBRARY = 'toolkit';
/** Of one release, on a machine that does other things too. */
const PATIENCE = { ms: 900_000 };

const workFolder = (tools: LabTools): string => join(tools.folder, 'cloud');
const valuesFile = (tools: LabTools): string => join(workFolder(tools), 'values.json');
const secretsFile = (tools: LabTools): string => join(cloudFolder(tools), 'secrets.json');

/** Passwords, certificates, and the charts with their library in them, as Helm wants to find it. */
export async function prepareCloud(tools: LabTools, { charts }: CloudParts): Promise<void> {
  await makeAuthority(tools);
  if (!existsSync(secretsFile(tools)))
    writeWhole(secretsFile(tools), `${JSON.stringify(makeSecrets(tools.chance))}\n`);
  const secrets = readSecrets(tools);
  writeWhole(valuesFile(tools), `${JSON.stringify(valuesOf(secrets, readCertificate(tools)))}\n`);
  const folder = join(workFolder(tools), 'charts');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of STAGES.flat()) {
    cpSync(join(charts, name), join(folder, name), { recursive: true });
    cpSync(join(charts, LIBRARY), join(folder, name, 'charts', LIBRARY), { recursive: true });
  }
}

/** Brings up one service of the cloud, and returns when all of it is ready. */
export async function deployService(
  tools: LabTools,
  { helm }: CloudParts,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const options = {
    program: helm,
    kubeconfig: kubeconfigFile(tools.folder),
    folder: join(workFolder(tools), 'helm'),
  };
  const release = {
    name,
    namespace: CLOUD_NAMESPACE,
    chart: join(workFolder(tools), 'charts', name),
    values: [valuesFile(tools)],
    timeout: PATIENCE,
  };
  await tools.helm(options).install(release, signal);
}

/** What OpenStack's own clients need, written where `lab status` finds it; also after a start from a snapshot. */
export function writeCloudAccess(tools: LabTools): void {
  const authority = join(workFolder(tools), 'ca.crt');
  writeWhole(authority, readAuthority(tools));
  writeWhole(cloudsYamlFile(tools.folder), cloudsYamlOf(readSecrets(tools), authority));
}

function readSecrets(tools: LabTools): CloudSecrets {
  try {
    return JSON.parse(readFileSync(secretsFile(tools), 'utf8')) as CloudSecrets;
  } catch (error) {
    throw new HarnessError('SQ_LAB', 'The passwords of the cloud are not with its nodes.', { cause: error });
  }
}

const KINDS = [
  { path: 'deployments', ready: 'readyReplicas', wanted: 'replicas' },
  { path: 'statefulsets', ready: 'readyReplicas', wanted: 'replicas' },
  { path: 'daemonsets', ready: 'numberReady', wanted: 'desiredNumberScheduled' },
] as const;

/** What of the cloud is not ready, in words; undefined when all is. For starts from a snapshot, where Helm does nothing. */
export async function lacksOfCloud(cluster: ClusterReader): Promise<string | undefined> {
  for (const { path, ready, wanted } of KINDS) {
    const found = await cluster.list(`/apis/apps/v1/namespaces/${CLOUD_NAMESPACE}/${path}`);
    if (found === undefined) return 'the API does not answer through its address';
    const behind = found.find(({ status }) => (status?.[ready] ?? 0) !== (status?.[wanted] ?? 0));
    if (behind !== undefined) return `${behind.metadata.name} does not have all its pods ready`;
  }
  return undefined;
}
