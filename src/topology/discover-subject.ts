import { gunzipSync } from 'node:zlib';
import { HarnessError } from '../model/errors.ts';
import type { Subject } from '../model/evidence.ts';
import { OWNER_LABEL } from '../model/own-marks.ts';
import type { Topology } from '../model/topology.ts';
import type { KubernetesApi, KubernetesObject } from '../ports/kubernetes.ts';
import { byText, listAt, numberAt, textAt } from './object-fields.ts';

/** A release holds its chart and its manifest; etcd's limit of 1.5 MiB compressed stays far below this. */
const LARGEST_RELEASE = 64 * 1024 * 1024;

/**
 * What exactly is tested: images with their digests as the nodes pulled them, and chart releases as Helm 3 and later keep them.
 * What this user may not see is left out.
 */
export async function discoverSubject(
  topology: Topology,
  tools: { readonly kubernetes?: KubernetesApi },
  signal: AbortSignal,
): Promise<Subject> {
  const { kubernetes } = tools;
  const systems = topology.systems.map(({ name, kind, version, distribution }) => ({
    name,
    kind,
    version,
    distribution,
  }));
  if (kubernetes === undefined) return { schemaVersion: 1, systems, images: [], charts: [] };
  const [pods, releases] = await Promise.all([
    kubernetes.list('/api/v1/pods', { signal }),
    listReleases(kubernetes, signal),
  ]);
  return { schemaVersion: 1, systems, images: imagesOf(pods), charts: chartsOf(releases) };
}

/** `name:tag@sha256:...`, or the name alone where the node did not say which digest it pulled. */
export function imagesOf(pods: readonly KubernetesObject[]): readonly string[] {
  const images = pods
    .filter((pod) => pod.metadata.labels?.[OWNER_LABEL] === undefined)
    .flatMap((pod) => {
      const statuses = [
        ...listAt(pod, 'status', 'containerStatuses'),
        ...listAt(pod, 'status', 'initContainerStatuses'),
      ];
      const specs = [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')];
      return specs.map((container) => {
        const image = textAt(container, 'image') ?? '';
        const status = statuses.find((each) => textAt(each, 'name') === textAt(container, 'name'));
        const digest = /@(sha256:[0-9a-f]{64})$/.exec(textAt(status, 'imageID') ?? '')?.[1];
        return digest === undefined || image.includes('@') ? image : `${image}@${digest}`;
      });
    });
  return [...new Set(images)].filter((image) => image !== '').sort(byText);
}

async function listReleases(
  kubernetes: KubernetesApi,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  try {
    // Older revisions carry `status: superseded`, so only the one that is live is fetched.
    const labelSelector = 'owner=helm,status=deployed';
    const listed = await kubernetes.list('/api/v1/secrets', {
      labelSelector,
      fieldSelector: 'type=helm.sh/release.v1',
      signal,
    });
    // A server that ignores selectors would hand over every secret; what is not a release is not looked into.
    return listed.filter((secret) => textAt(secret, 'type') === 'helm.sh/release.v1');
  } catch (error) {
    if (error instanceof HarnessError && (error.facts['status'] === 403 || error.facts['status'] === 404))
      return [];
    throw error;
  }
}

function chartsOf(releases: readonly KubernetesObject[]): Subject['charts'] {
  const charts = releases.flatMap((secret) => {
    const release = readRelease(textAt(secret, 'data', 'release') ?? '');
    const name = textAt(release, 'chart', 'metadata', 'name');
    const version = textAt(release, 'chart', 'metadata', 'version');
    if (name === undefined || version === undefined) return [];
    const revision = numberAt(release, 'version');
    return [{ name, version, ...(revision === undefined ? {} : { revision: String(revision) }) }];
  });
  return charts.sort((a, b) => byText(a.name, b.name) || byText(a.version, b.version));
}

/** Helm packs a release as base64 of gzip of JSON, and the API adds another base64. Undefined when it is not that. */
function readRelease(data: string): unknown {
  try {
    const packed = Buffer.from(Buffer.from(data, 'base64').toString('latin1'), 'base64');
    return JSON.parse(gunzipSync(packed, { maxOutputLength: LARGEST_RELEASE }).toString('utf8'));
  } catch {
    return undefined;
  }
}
