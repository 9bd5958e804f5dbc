import type { Distribution } from './distribution.ts';

/** Any other Kubernetes: the recommended labels, the older `k8s-app`, and the `component` of a static pod. */
export const generic: Distribution = {
  name: 'generic',
  kind: 'kubernetes',
  recognises: () => true,
  identify({ metadata }) {
    const labels: Readonly<Record<string, string | undefined>> = metadata.labels ?? {};
    const service =
      labels['app.kubernetes.io/name'] ?? labels['k8s-app'] ?? labels['component'] ?? labels['app'];
    if (service === undefined) return undefined;
    return { service, component: labels['app.kubernetes.io/component'] ?? service };
  },
};
