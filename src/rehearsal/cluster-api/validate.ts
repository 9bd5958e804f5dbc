import { at, isJson, listAt, objectAt, sameJson, textAt, textsAt } from './json.ts';
import { invalid, type Cause } from './refusal.ts';
import type { KubeObject } from './object-client.ts';
import type { Resource } from './resources.ts';
import { selectorMatches } from './selectors.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const DATA_KEY = /^[-._a-zA-Z0-9]+$/;

const LABEL_SAYS =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_SAYS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** Kinds whose names must be DNS labels, for they become part of host names. */
const LABEL_NAMES = ['namespaces', 'services'];

const wrong = (field: string, value: unknown, says: string): Cause => {
  const message = `Invalid value: ${JSON.stringify(value) ?? 'null'}: ${says}`;
  return { reason: 'FieldValueInvalid', message, field };
};
const required = (field: string, says = ''): Cause => ({
  reason: 'FieldValueRequired',
  message: `Required value${says === '' ? '' : `: ${says}`}`,
  field,
});

/** @throws Refusal Invalid that names every field that is wrong. */
export function validate(resource: Resource, object: KubeObject, before?: KubeObject): void {
  const causes = [
    ...nameCauses(resource, object),
    ...labelCauses(object),
    ...(BY_KIND[resource.plural]?.(object) ?? []),
    ...(before === undefined ? [] : immutableCauses(resource, object, before)),
  ];
  if (causes.length > 0) throw invalid(resource, object.metadata.name, causes);
}

function nameCauses(resource: Resource, { metadata }: KubeObject): readonly Cause[] {
  const { name } = metadata;
  if (name === '') return [required('metadata.name', 'name or generateName is required')];
  const label = LABEL_NAMES.includes(resource.plural);
  const longest = label ? 63 : 253;
  if (name.length > longest)
    return [wrong('metadata.name', name, `must be no more than ${longest} characters`)];
  if (resource.group === 'rbac.authorization.k8s.io') return [];
  if ((label ? LABEL : SUBDOMAIN).test(name)) return [];
  return [wrong('metadata.name', name, label ? LABEL_SAYS : SUBDOMAIN_SAYS)];
}

function labelCauses({ metadata }: KubeObject): readonly Cause[] {
  const labels: unknown = metadata.labels;
  return Object.entries(isJson(labels) ? labels : {}).flatMap(([key, value]) => {
    const bare = key.split('/').at(-1) ?? '';
    if (!LABEL_KEY.test(key) || bare.length > 63)
      return [wrong('metadata.labels', key, 'name part must be a qualified name of at most 63 characters')];
    if (typeof value !== 'string') return [wrong('metadata.labels', value, 'must be a string')];
    if (value.length > 63 || !LABEL_VALUE.test(value))
      return [
        wrong(
          'metadata.labels',
          value,
          'a valid label must be an empty string or consist of alphanumeric characters, at most 63',
        ),
      ];
    return [];
  });
}

const dataCauses = (object: KubeObject): readonly Cause[] =>
  ['data', 'binaryData'].flatMap((field) =>
    Object.entries(objectAt(object, field)).flatMap(([key, value]) => {
      if (!DATA_KEY.test(key) || key.length > 253)
        return [
          wrong(
            `${field}[${key}]`,
            key,
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
          ),
        ];
      return typeof value === 'string' ? [] : [wrong(`${field}[${key}]`, value, 'must be a string')];
    }),
  );

const BY_KIND: Readonly<Record<string, (object: KubeObject) => readonly Cause[]>> = {
  configmaps: dataCauses,
  secrets: dataCauses,
  pods: (object) => podSpecCauses(objectAt(object, 'spec'), 'spec'),
  services: serviceCauses,
  deployments: workloadCauses,
  statefulsets: workloadCauses,
  daemonsets: workloadCauses,
  replicasets: workloadCauses,
  leases: (object) => {
    const seconds = at(object, 'spec', 'leaseDurationSeconds');
    const bad = seconds !== undefined && !(Number.isInteger(seconds) && Number(seconds) > 0);
    return bad ? [wrong('spec.leaseDurationSeconds', seconds, 'must be greater than 0')] : [];
  },
  endpointslices: (object) => (textAt(object, 'addressType') === undefined ? [required('addressType')] : []),
};

function podSpecCauses(spec: unknown, field: string): readonly Cause[] {
  const containers = listAt(spec, 'containers');
  if (containers.length === 0) return [required(`${field}.containers`)];
  return containers.flatMap((container, index) => {
    const where = `${field}.containers[${index}]`;
    const name = textAt(container, 'name') ?? '';
    const nameSays = name === '' ? [required(`${where}.name`)] : [];
    const badName = name !== '' && !LABEL.test(name) ? [wrong(`${where}.name`, name, LABEL_SAYS)] : [];
    const image = (textAt(container, 'image') ?? '') === '' ? [required(`${where}.image`)] : [];
    return [...nameSays, ...badName, ...image];
  });
}

function serviceCauses(object: KubeObject): readonly Cause[] {
  const ports = listAt(object, 'spec', 'ports');
  const headless = textAt(object, 'spec', 'clusterIP') === 'None';
  if (ports.length === 0 && !headless && textAt(object, 'spec', 'type') !== 'ExternalName')
    return [required('spec.ports')];
  return ports.flatMap((each, index) => {
    const port = at(each, 'port');
    const fits = Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535;
    return fits ? [] : [wrong(`spec.ports[${index}].port`, port, 'must be between 1 and 65535, inclusive')];
  });
}

function workloadCauses(object: KubeObject): readonly Cause[] {
  const selector = at(object, 'spec', 'selector');
  const labels = textsAt(object, 'spec', 'template', 'metadata', 'labels');
  const replicas = at(object, 'spec', 'replicas');
  const count = replicas === undefined || (Number.isInteger(replicas) && Number(replicas) >= 0);
  const causes = [
    ...(count ? [] : [wrong('spec.replicas', replicas, 'must be greater than or equal to 0')]),
    ...podSpecCauses(objectAt(object, 'spec', 'template', 'spec'), 'spec.template.spec'),
  ];
  if (!isJson(selector) || Object.keys(selector).length === 0) return [required('spec.selector'), ...causes];
  if (selectorMatches(selector, labels)) return causes;
  return [
    wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    ...causes,
  ];
}

const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  deployments: ['spec.selector'],
  daemonsets: ['spec.selector'],
  replicasets: ['spec.selector'],
  statefulsets: ['spec.selector', 'spec.serviceName'],
  services: ['spec.clusterIP'],
  pods: ['spec.nodeName', 'spec.restartPolicy'],
};

function immutableCauses(resource: Resource, object: KubeObject, before: KubeObject): readonly Cause[] {
  return (IMMUTABLE[resource.plural] ?? []).flatMap((path) => {
    const was = at(before, ...path.split('.'));
    const is = at(object, ...path.split('.'));
    // What was never set may be set once, as a scheduler sets the node of a pod.
    return was === undefined || sameJson(was, is) ? [] : [wrong(path, is, 'field is immutable')];
  });
}
