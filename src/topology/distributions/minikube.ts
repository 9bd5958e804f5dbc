import type { Distribution } from './distribution.ts';

export const minikube: Distribution = {
  name: 'minikube',
  kind: 'kubernetes',
  recognises: (objects) =>
    objects.nodes.some((node) => node.metadata.labels?.['minikube.k8s.io/name'] !== undefined),
};
