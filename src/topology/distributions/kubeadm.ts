import { isStaticPod } from '../cluster-objects.ts';
import type { Distribution } from './distribution.ts';

/** kubeadm runs the control plane as static pods with `tier: control-plane`, and notes the runtime's socket on each node. */
export const kubeadm: Distribution = {
  name: 'kubeadm',
  kind: 'kubernetes',
  recognises: (objects) => {
    const notes = objects.nodes.some(
      (node) => node.metadata.annotations?.['kubeadm.alpha.kubernetes.io/cri-socket'] !== undefined,
    );
    const pods = objects.pods.some(
      (pod) => isStaticPod(pod) && pod.metadata.labels?.['tier'] === 'control-plane',
    );
    return notes || pods;
  },
};
