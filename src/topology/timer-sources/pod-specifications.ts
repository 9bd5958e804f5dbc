import { parseDuration } from '../../model/duration.ts';
import type { Timer } from '../../model/topology.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import { workloadsOf, type ClusterObjects } from '../cluster-objects.ts';
import type { Described } from '../describe-workloads.ts';
import { byText, field, listAt, numberAt } from '../object-fields.ts';
import { timerIf, type TimerSource } from './timer-source.ts';

/** Probe v1: what holds for a field that a probe leaves out. */
const PROBE = { periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 1 };

/** By which an owner says how long a pod of a workload takes to be ready, such as `12s`. */
const START_ANNOTATION = 'squall.dev/pod-start';

/** Readiness probes and tolerations of the workloads that answer users. */
export const podSpecifications: TimerSource = (objects, described) => [
  ...readiness(objects, described),
  ...toleration(objects, described),
  ...podStart(objects),
];

interface Readiness {
  readonly workload: string;
  readonly periodMs: number;
  readonly ejectionMs: number;
}

function apiWorkloads(objects: ClusterObjects, described: Described): readonly KubernetesObject[] {
  const apis = described.services.filter((service) => service.roles.includes('api'));
  const named = new Set(apis.map((service) => `${service.kind} ${service.namespace}/${service.workload}`));
  return workloadsOf(objects)
    .filter(({ kind, object }) => named.has(`${kind} ${nameOf(object)}`))
    .map(({ object }) => object);
}

const nameOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

function readiness(objects: ClusterObjects, described: Described): readonly Timer[] {
  const probes = apiWorkloads(objects, described).flatMap((object): readonly Readiness[] =>
    listAt(object, 'spec', 'template', 'spec', 'containers')
      .map((container) => field(container, 'readinessProbe'))
      .filter((probe) => probe !== undefined)
      .map((probe) => {
        const said = (key: keyof typeof PROBE): number => numberAt(probe, key) ?? PROBE[key];
        const periodMs = said('periodSeconds') * 1000;
        const ejectionMs = periodMs * said('failureThreshold') + said('timeoutSeconds') * 1000;
        return { workload: nameOf(object), periodMs, ejectionMs };
      }),
  );
  const slowest = (key: 'periodMs' | 'ejectionMs'): Readiness | undefined =>
    [...probes].sort((a, b) => b[key] - a[key] || byText(a.workload, b.workload))[0];
  const period = slowest('periodMs');
  const ejection = slowest('ejectionMs');
  return [
    ...timerIf('readiness-period', period?.periodMs, `readinessProbe of ${period?.workload ?? ''}`),
    ...timerIf(
      'readiness-ejection',
      ejection?.ejectionMs,
      `periodSeconds x failureThreshold and timeoutSeconds of the readinessProbe of ${ejection?.workload ?? ''}`,
    ),
  ];
}

/** What the pods themselves tolerate decides; the API server's flag only fills it in where a pod says nothing. */
function toleration(objects: ClusterObjects, described: Described): readonly Timer[] {
  const apis = new Set(
    described.services.filter((service) => service.roles.includes('api')).map((service) => service.id),
  );
  const pods = new Set(
    described.members.filter((member) => apis.has(member.service)).map((member) => member.uid),
  );
  const seconds = objects.pods
    .filter((pod) => pods.has(pod.metadata.uid ?? ''))
    .flatMap((pod) => listAt(pod, 'spec', 'tolerations'))
    .filter((each) => field(each, 'key') === 'node.kubernetes.io/unreachable')
    .map((each) => numberAt(each, 'tolerationSeconds'))
    .filter((value) => value !== undefined);
  if (seconds.length === 0) return [];
  return timerIf(
    'unreachable-toleration',
    Math.max(...seconds) * 1000,
    'tolerationSeconds of the pods of the APIs',
  );
}

function podStart(objects: ClusterObjects): readonly Timer[] {
  const said = workloadsOf(objects)
    .map(({ object }) => ({
      name: nameOf(object),
      ms: parseDuration(object.metadata.annotations?.[START_ANNOTATION] ?? '')?.ms,
    }))
    .filter((each): each is { name: string; ms: number } => each.ms !== undefined)
    .sort((a, b) => b.ms - a.ms || byText(a.name, b.name));
  return timerIf('pod-start', said[0]?.ms, `annotation ${START_ANNOTATION} of ${said[0]?.name ?? ''}`);
}
