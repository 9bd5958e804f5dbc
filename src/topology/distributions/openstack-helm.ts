import type { KubernetesObject } from '../../ports/kubernetes.ts';
import { workloadsOf } from '../cluster-objects.ts';
import { byText, textAt } from '../object-fields.ts';
import type { Distribution } from './distribution.ts';

/** OpenStack-Helm labels all that it makes by `application`, `component` and `release_group` (helm-toolkit, `_labels.tpl`). */
const labelsOf = (object: KubernetesObject): Readonly<Record<string, string | undefined>> =>
  object.metadata.labels ?? {};

const isHelms = (object: KubernetesObject): boolean => {
  const labels = labelsOf(object);
  return labels['release_group'] !== undefined && labels['application'] !== undefined;
};

/** Charts that OpenStack-Helm also uses without an OpenStack. */
const ALONE = new Set([
  'mariadb',
  'rabbitmq',
  'memcached',
  'ingress',
  'postgresql',
  'etcd',
  'prometheus',
  'grafana',
]);

export const openstackHelm: Distribution = {
  name: 'openstack-helm',
  kind: 'openstack',
  recognises: (objects) =>
    workloadsOf(objects).some(
      ({ object }) => isHelms(object) && !ALONE.has(labelsOf(object)['application'] ?? ''),
    ),
  identify(object) {
    const { application, component } = labelsOf(object);
    if (!isHelms(object) || application === undefined) return undefined;
    return { service: application, component: component ?? application };
  },
  /** The tag of the Keystone image, such as `2024.2-ubuntu_jammy`: OpenStack itself has no version to ask for. */
  version(objects) {
    const keystones = objects.deployments.filter((object) => labelsOf(object)['application'] === 'keystone');
    const images = keystones.map(
      (object) => textAt(object, 'spec', 'template', 'spec', 'containers', 0, 'image') ?? '',
    );
    return images
      .map((image) => /:([^:/@]+)(?:@|$)/.exec(image)?.[1])
      .filter((tag) => tag !== undefined)
      .sort(byText)[0];
  },
};
