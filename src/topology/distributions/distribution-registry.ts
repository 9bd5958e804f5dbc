import type { Distribution } from './distribution.ts';
import { generic } from './generic.ts';
import { kind } from './kind.ts';
import { kubeadm } from './kubeadm.ts';
import { minikube } from './minikube.ts';
import { openstackHelm } from './openstack-helm.ts';

/**
 * Every distribution that is recognised; of each kind of system the first that fits is taken, so the more special come first
 * (minikube and kind are made by kubeadm), and `generic` fits everything.
 */
export const DISTRIBUTIONS: readonly Distribution[] = [openstackHelm, minikube, kind, kubeadm, generic];
