import { at, listAt, numberAt, objectAt } from './json.ts';
import type { KubeObject } from './kube-object.ts';
import { Refusal } from './refusal.ts';
import { selectorMatches } from './selectors.ts';

/** RFC 1123, as parts of host names and as whole ones. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** @throws Refusal Invalid that names every field that is wrong. */
export function validate({ kind, metadata: { name }, spec, data }: KubeObject): void {
  const names = ['Namespace', 'Service'].includes(kind) ? LABEL : SUBDOMAIN;
  const keys = kind === 'ConfigMap' ? Object.keys(objectAt(data)) : [];
  const ports = kind === 'Service' ? listAt(spec, 'ports').map((each) => numberAt(each, 'port') ?? 0) : [];
  const labels = objectAt(spec, 'template', 'metadata', 'labels');
  const isWorkload = ['Deployment', 'StatefulSet'].includes(kind);
  const wrong = [
    ...(names.test(name) ? [] : ['metadata.name']),
    ...keys.flatMap((key) => (/^[-.\w]{1,253}$/.test(key) ? [] : [`data[${key}]`])),
    ...ports.flatMap((port, index) => (port > 0 && port < 65_536 ? [] : [`spec.ports[${index}].port`])),
    ...(isWorkload && !selectorMatches(at(spec, 'selector'), labels)
      ? ['spec.template.metadata.labels']
      : []),
  ];
  if (wrong.length === 0) return;
  const causes = wrong.map((field) => ({ reason: 'FieldValueInvalid', message: 'Invalid value', field }));
  const says = `${kind} "${name}" is invalid: ${wrong.join(', ')}: Invalid value`;
  throw new Refusal(422, 'Invalid', says, { name, kind, causes });
}
