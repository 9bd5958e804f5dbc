import { parseDuration } from '../../model/duration.ts';
import type { ClusterObjects } from '../cluster-objects.ts';
import { byText } from '../object-fields.ts';
import { TIMERS } from '../timers.ts';
import { timerIf, type TimerSource } from './timer-source.ts';

const PREFIX = 'squall.dev/timer.';

/** What an owner says by annotations such as `squall.dev/timer.keepalived-advert-interval: 1s`; of several the slowest counts. */
export const declaredTimers: TimerSource = (objects) =>
  TIMERS.flatMap(({ name }) => {
    const said = annotated(objects)
      .map(({ on, annotations }) => ({ on, ms: parseDuration(annotations[`${PREFIX}${name}`] ?? '')?.ms }))
      .filter((each): each is { on: string; ms: number } => each.ms !== undefined)
      .sort((a, b) => b.ms - a.ms || byText(a.on, b.on));
    return timerIf(name, said[0]?.ms, `annotation ${PREFIX}${name} of ${said[0]?.on ?? ''}`);
  });

interface Annotated {
  readonly on: string;
  readonly annotations: Readonly<Record<string, string | undefined>>;
}

const annotated = ({ namespaces, nodes }: ClusterObjects): readonly Annotated[] => [
  ...namespaces
    .filter(({ metadata }) => metadata.name === 'kube-system')
    .map(({ metadata }) => ({ on: 'namespace kube-system', annotations: metadata.annotations ?? {} })),
  ...nodes.map(({ metadata }) => ({ on: `node ${metadata.name}`, annotations: metadata.annotations ?? {} })),
];
