import { isJson, listAt, objectAt, textAt, textsAt, type Json } from './json.ts';
import type { Resource } from './resources.ts';

export interface DefaultsContext {
  readonly nowMs: () => number;
  /** Lower-case hexadecimal digits. */
  readonly token: (length: number) => string;
  /** Seconds that a pod stays on a node that is not ready, where the pod itself says nothing. */
  readonly tolerationSeconds: number;
}

/** What a new object has although nobody wrote it, as the API server fills it in. */
export function fillDefaults(resource: Resource, object: Json, context: DefaultsContext): Json {
  switch (resource.plural) {
    case 'namespaces':
      return namespaceDefaults(object);
    case 'pods':
      return podDefaults(object, context);
    case 'services':
      return serviceDefaults(object, context);
    case 'deployments':
    case 'replicasets':
    case 'statefulsets':
      return { status: {}, ...object, spec: { replicas: 1, ...workloadSpec(resource.plural, object) } };
    case 'daemonsets':
      return { status: {}, ...object, spec: workloadSpec(resource.plural, object) };
    case 'secrets':
      return secretDefaults(object);
    default:
      return object;
  }
}

function namespaceDefaults(object: Json): Json {
  const name = textAt(object, 'metadata', 'name') ?? '';
  const labels = { 'kubernetes.io/metadata.name': name, ...textsAt(object, 'metadata', 'labels') };
  return {
    ...object,
    metadata: { ...objectAt(object, 'metadata'), labels },
    spec: { finalizers: ['kubernetes'], ...objectAt(object, 'spec') },
    status: { phase: 'Active' },
  };
}

const NOT_READY = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

function podDefaults(object: Json, { tolerationSeconds }: DefaultsContext): Json {
  const spec = objectAt(object, 'spec');
  const given = listAt(spec, 'tolerations');
  // A pod that tolerates everything, as those of the control plane do, stays where it is.
  const missing = NOT_READY.filter(
    (key) => !given.some((each) => textAt(each, 'key') === key || textAt(each, 'operator') === 'Exists'),
  ).map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }));
  const containers = listAt(spec, 'containers').map((container) => ({
    imagePullPolicy: 'IfNotPresent',
    ...(isJson(container) ? container : {}),
  }));
  return {
    ...object,
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      ...spec,
      containers,
      tolerations: [...given, ...missing],
    },
    status: { phase: 'Pending', qosClass: 'BestEffort', ...objectAt(object, 'status') },
  };
}

function serviceDefaults(object: Json, { token }: DefaultsContext): Json {
  const spec = objectAt(object, 'spec');
  const ports = listAt(spec, 'ports').map((port) => ({
    protocol: 'TCP',
    ...(isJson(port) ? { targetPort: port['port'], ...port } : {}),
  }));
  const type = textAt(spec, 'type') ?? 'ClusterIP';
  const byte = (): number => (Number.parseInt(token(2), 16) % 254) + 1;
  // The service network of kubeadm's documentation is 10.96.0.0/12.
  const clusterIP = textAt(spec, 'clusterIP') ?? `10.${96 + (byte() % 16)}.${byte()}.${byte()}`;
  const address = type === 'ExternalName' ? {} : { clusterIP, clusterIPs: [clusterIP] };
  return {
    status: { loadBalancer: {} },
    ...object,
    spec: { sessionAffinity: 'None', ipFamilies: ['IPv4'], ...spec, type, ports, ...address },
  };
}

const STRATEGY: Readonly<Record<string, Json>> = {
  deployments: {
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
  },
  statefulsets: { podManagementPolicy: 'OrderedReady', updateStrategy: { type: 'RollingUpdate' } },
  daemonsets: { updateStrategy: { type: 'RollingUpdate' } },
};

const workloadSpec = (plural: string, object: Json): Json => ({
  ...STRATEGY[plural],
  ...objectAt(object, 'spec'),
});

/** `stringData` is for writing only. */
function secretDefaults({ stringData, ...object }: Json): Json {
  const added = Object.entries(textsAt({ stringData }, 'stringData')).map(
    ([key, text]) => [key, Buffer.from(text).toString('base64')] as const,
  );
  const data: Json = { ...objectAt(object, 'data'), ...Object.fromEntries(added) };
  return { type: 'Opaque', ...object, ...(Object.keys(data).length === 0 ? {} : { data }) };
}
