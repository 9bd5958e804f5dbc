import type { KubernetesObject } from '../../ports/kubernetes.ts';
import { followCollection, type Fact, type NameChange } from './follow-collection.ts';
import type { Watcher } from './watcher.ts';

const COLLECTION = '/apis/discovery.k8s.io/v1/endpointslices';

interface SliceEndpoint {
  readonly addresses?: readonly string[];
  readonly conditions?: { readonly ready?: boolean | null };
  readonly targetRef?: { readonly name?: string };
}

function factsOf(slice: KubernetesObject): readonly Fact[] {
  const { namespace = '', name, labels } = slice.metadata;
  const about = `${namespace}/${labels?.['kubernetes.io/service-name'] ?? name}`;
  const endpoints = Array.isArray(slice['endpoints']) ? (slice['endpoints'] as readonly SliceEndpoint[]) : [];
  return (
    endpoints
      // An absent `ready` is to be read as ready (EndpointSlice v1, EndpointConditions).
      .filter((endpoint) => endpoint.conditions?.ready !== false)
      .map((endpoint) => {
        const member = endpoint.targetRef?.name ?? endpoint.addresses?.[0] ?? '';
        return { key: `${about} ${member}`, about, value: member };
      })
  );
}

const nameChange: NameChange = (was, is) => {
  if (is !== undefined) return { change: 'endpoint-added', is: is.value };
  return was === undefined ? undefined : { change: 'endpoint-removed', was: was.value };
};

/** Tells `endpoint-added` and `endpoint-removed` about `<namespace>/<service>`; `is` or `was` is the member, by its pod. */
export const endpoints: Watcher = {
  name: 'endpoints',
  summary: 'Follows which members of each service get requests.',
  needs: 'kubernetes',
  watch: (tools, emit, signal) =>
    followCollection(
      { watcher: 'endpoints', collection: COLLECTION, factsOf, nameChange },
      tools,
      emit,
      signal,
    ),
};
