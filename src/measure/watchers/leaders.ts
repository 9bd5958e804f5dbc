import type { KubernetesObject } from '../../ports/kubernetes.ts';
import { followCollection, type Fact, type NameChange } from './follow-collection.ts';
import type { Watcher } from './watcher.ts';

const COLLECTION = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';

/** Leases that stand for the API address: that of address holders in general, and kube-vip's. */
const ADDRESS_LEASES: readonly string[] = ['api-address', 'plndr-cp-lock'];
const ADDRESS = 'api-address';

/** API servers keep a lease each to say that they are there (KEP-1965); nobody is elected by it. */
const IDENTITY_LABEL = 'apiserver.kubernetes.io/identity';

function factsOf(lease: KubernetesObject): readonly Fact[] {
  const { name, labels } = lease.metadata;
  if (labels?.[IDENTITY_LABEL] !== undefined) return [];
  const { holderIdentity } = (lease['spec'] ?? {}) as { readonly holderIdentity?: unknown };
  // Controllers hold as `<node>_<uuid>`; a new uuid on the same node is a new holder, though not a new place.
  const holder = typeof holderIdentity === 'string' ? holderIdentity : '';
  const about = ADDRESS_LEASES.includes(name) ? ADDRESS : name;
  return holder === '' ? [] : [{ key: about, about, value: holder }];
}

const placeOf = (holder: string): string => holder.split('_')[0] ?? holder;

const nameChange: NameChange = (was, is) => ({
  change: (is ?? was)?.about === ADDRESS ? 'address-moved' : 'leader',
  ...(was === undefined ? {} : { was: placeOf(was.value) }),
  ...(is === undefined ? {} : { is: placeOf(is.value) }),
});

/** Tells `leader` about a lease, and `address-moved` about `api-address`; `was` and `is` are nodes, absent when nobody holds it. */
export const leaders: Watcher = {
  name: 'leaders',
  summary: 'Follows who leads: the holders of leases in kube-system, and of the API address.',
  needs: 'kubernetes',
  watch: (tools, emit, signal) =>
    followCollection(
      { watcher: 'leaders', collection: COLLECTION, factsOf, nameChange },
      tools,
      emit,
      signal,
    ),
};
