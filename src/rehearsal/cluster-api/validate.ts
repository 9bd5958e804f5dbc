import { at, listAt, numberAt, objectAt } from './json.ts';
import type { KubeObject } from './object-client.ts';
import { Refusal } from './refusal.ts';
import { selectorMatches } from './selectors.ts';

/** RFC 1123, as parts of host names and as whole ones. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** @throws Refusal Invalid that names every field that is wrong. */
export function validate(object: KubeObject): void {
  const { kind, metadata } = object;
  const names = ['Namespace', 'Service'].includes(kind) ? LABEL : SUBDOMAIN;
  const wrong = [...(names.test(metadata.name) ? [] : ['metadata.name']), ...(WRONG[kind]?.(object) ?? [])];
  const causes = wrong.map((field) => ({ reason: 'FieldValueInvalid', message: 'Invalid value', field }));
  const says = `${kind} "${metadata.name}" is invalid: ${wrong.join(', ')}: Invalid value`;
  if (wrong.length > 0) throw new Refusal(422, 'Invalid', says, { name: metadata.name, kind, causes });
}

/** The wrong fields of an object, by its kind. */
const WRONG: Readonly<Record<string, (object: KubeObject) => readonly string[]>> = {
  ConfigMap: (object) =>
    Object.keys(objectAt(object, 'data')).flatMap((key) =>
      /^[-.\w]{1,253}$/.test(key) ? [] : [`data[${key}]`],
    ),
  Service: (object) =>
    listAt(object, 'spec', 'ports').flatMap((each, index) => {
      const port = numberAt(each, 'port') ?? 0;
      return port >= 1 && port <= 65_535 ? [] : [`spec.ports[${index}].port`];
    }),
  Deployment: wrongLabels,
  StatefulSet: wrongLabels,
};

function wrongLabels(object: KubeObject): readonly string[] {
  const labels = objectAt(object, 'spec', 'template', 'metadata', 'labels');
  return selectorMatches(at(object, 'spec', 'selector'), labels) ? [] : ['spec.template.metadata.labels'];
}
