import type { System } from '../../model/topology.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import type { ClusterObjects } from '../cluster-objects.ts';

/** How a kind of installation is recognised, and how it names what runs in it. */
export interface Distribution {
  readonly name: string;
  /** What it installs. */
  readonly kind: System['kind'];
  /** By labels and annotations only: names can be chosen by whoever installs. */
  recognises(objects: ClusterObjects): boolean;
  /** Product and component of a workload (or static pod) of this distribution; undefined when it is not one of its own. */
  identify?(object: KubernetesObject): { readonly service: string; readonly component: string } | undefined;
  /** The version of what it installed, where objects tell. */
  version?(objects: ClusterObjects): string | undefined;
}
