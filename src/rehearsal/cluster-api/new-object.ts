import { timer } from '../timers.ts';
import { listAt, numberAt, objectAt, textAt, type Json } from './json.ts';
import { timestamp, type KubeObject } from './kube-object.ts';
import type { Resource } from './resources.ts';

type Context = { readonly nowMs: () => number; readonly token: (length: number) => string };

/** A new object as the API server completes it: with metadata of its own, and what nobody wrote. */
export function newObject({ kind, apiVersion, group }: Resource, given: Json, context: Context): KubeObject {
  const { token, nowMs } = context;
  const metadata = objectAt(given, 'metadata');
  const own = {
    name: textAt(metadata, 'name') ?? '',
    // Version 4 of RFC 9562.
    uid: `${token(8)}-${token(4)}-4${token(3)}-a${token(3)}-${token(12)}`,
    creationTimestamp: timestamp(nowMs()),
    resourceVersion: '',
    ...(['apps', 'policy'].includes(group) ? { generation: 1 } : {}),
  };
  const filled = DEFAULTS[kind]?.(objectAt(given, 'spec'), context);
  return { ...given, ...filled, apiVersion, kind, metadata: { ...metadata, ...own } };
}

const DEFAULTS: Readonly<Record<string, (spec: Json, context: Context) => Json>> = {
  Namespace: () => ({ status: { phase: 'Active' } }),
  Pod: (spec) => ({ spec: { ...spec, tolerations: tolerationsOf(spec) }, status: { phase: 'Pending' } }),
  Service: serviceDefaults,
  DaemonSet: () => ({ status: {} }),
  Deployment: (spec) => ({ spec: { replicas: 1, ...spec }, status: {} }),
  StatefulSet: (spec) => ({ spec: { replicas: 1, ...spec }, status: {} }),
};

/** Unless it says otherwise, a pod stays on a silent node for as long as the API server is told to write into it. */
function tolerationsOf(spec: Json): readonly unknown[] {
  const given = listAt(spec, 'tolerations');
  const tolerationSeconds = timer('default-unreachable-toleration') / 1000;
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter((key) => !given.some((each) => [key, undefined].includes(textAt(each, 'key'))))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }));
  return [...given, ...missing];
}

function serviceDefaults(spec: Json, { token }: Context): Json {
  const ports = listAt(spec, 'ports').map((port) => {
    return { protocol: 'TCP', targetPort: numberAt(port, 'port'), ...objectAt(port) };
  });
  const byte = (): number => (Number.parseInt(token(2), 16) % 254) + 1;
  // In the service network of kubeadm's documentation.
  return { spec: { type: 'ClusterIP', clusterIP: `10.96.${byte()}.${byte()}`, ...spec, ports } };
}
