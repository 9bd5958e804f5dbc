import { describeError } from '../../model/errors.ts';
import type { WatchedEvent } from '../../model/observation.ts';
import type { KubernetesObject, KubernetesWatchEvent } from '../../ports/kubernetes.ts';
import type { Emit, WatcherTools } from './watcher.ts';

/** One thing that is true of an object, such as that a node is ready, or that a service has a member. */
export interface Fact {
  /** Unique among the facts of a watcher; two objects may state the same fact. */
  readonly key: string;
  /** The thing that it is about. */
  readonly about: string;
  readonly value: string;
}

/** What a change between two facts of one key is called; undefined when it is not worth telling. */
export type NameChange = (
  was: Fact | undefined,
  is: Fact | undefined,
) => Pick<WatchedEvent, 'change' | 'was' | 'is'> | undefined;

export interface Followed {
  readonly watcher: string;
  readonly collection: string;
  readonly factsOf: (object: KubernetesObject) => readonly Fact[];
  readonly nameChange: NameChange;
}

/**
 * Follows a collection of Kubernetes objects as facts about them. The first list is where it begins, and no change. An old state
 * counts as known until the last thing that the same watch said, be it a change, a list or a bookmark; what was told late after
 * a blindness may have changed at any time since that began.
 */
export async function followCollection(
  followed: Followed,
  tools: WatcherTools,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const { clock, kubernetes } = tools;
  const teller = createTeller(followed, tools, emit);
  if (kubernetes === undefined) {
    teller.blind('there is no Kubernetes API to watch');
    return;
  }
  const facts = new FactTable();
  let listed = false;
  let late = false;
  for await (const event of kubernetes.watch(followed.collection, { signal })) {
    const seenNs = clock.now().ns;
    if (event.type === 'BLIND') {
      teller.blind(event.says, event.since?.ns);
      continue;
    }
    if (event.type === 'SEEING') {
      late = true;
      teller.seeing(event.to.ns);
      continue;
    }
    const before = facts.all();
    facts.take(event, followed.factsOf);
    // What changed while blind is told after `seeing`, and reaches back to before.
    teller.seeing(seenNs);
    if (listed) teller.changes(before, facts.all(), seenNs, event.source);
    listed ||= event.type === 'LISTED';
    late &&= event.type !== 'LISTED' && event.type !== 'BOOKMARK';
    if (!late) teller.known(event.type === 'LISTED' ? (event.asOf?.ns ?? seenNs) : seenNs);
  }
}

/** Says what a watcher has to say, with the time at which the old state was last known. */
export interface Teller {
  /** @param sinceNs the last instant at which the state was known, where the watch says so itself. */
  blind(says: string, sinceNs?: number): void;
  seeing(seenNs: number): void;
  changes(
    before: ReadonlyMap<string, Fact>,
    after: ReadonlyMap<string, Fact>,
    seenNs: number,
    source: string | undefined,
  ): void;
  /** The state was known at this time. */
  known(ns: number): void;
}

export function createTeller(
  followed: Pick<Followed, 'watcher' | 'collection' | 'nameChange'>,
  { clock }: WatcherTools,
  emit: Emit,
): Teller {
  const { watcher, collection } = followed;
  let knownNs = clock.now().ns;
  let state: 'new' | 'seeing' | 'blind' = 'new';
  const tell = (
    seenNs: number,
    event: Pick<WatchedEvent, 'change' | 'about' | 'was' | 'is' | 'source'>,
  ): void => {
    emit({ watcher, clock: clock.id, seenNs, afterNs: knownNs, ...event });
  };
  return {
    blind(says, sinceNs = knownNs) {
      if (state === 'blind') return;
      state = 'blind';
      knownNs = Math.min(sinceNs, clock.now().ns);
      tell(clock.now().ns, { change: 'blind', about: collection, is: describeError(says) });
    },
    seeing(seenNs) {
      if (state !== 'seeing') tell(seenNs, { change: 'seeing', about: collection });
      state = 'seeing';
    },
    changes(before, after, seenNs, source) {
      const keys = [...new Set([...before.keys(), ...after.keys()])];
      for (const key of keys) {
        const was = before.get(key);
        const is = after.get(key);
        if (was?.value === is?.value) continue;
        const named = followed.nameChange(was, is);
        if (named === undefined) continue;
        tell(seenNs, {
          about: (is ?? was)?.about ?? key,
          ...named,
          ...(source === undefined ? {} : { source }),
        });
      }
    },
    known(ns) {
      knownNs = ns;
    },
  };
}

/** The facts of each object, and what they amount to together: a fact holds while any object states it. */
class FactTable {
  #byObject = new Map<string, readonly Fact[]>();

  take(
    event: Exclude<KubernetesWatchEvent, { type: 'BLIND' | 'SEEING' }>,
    factsOf: Followed['factsOf'],
  ): void {
    if (event.type === 'BOOKMARK') return;
    if (event.type === 'LISTED') {
      this.#byObject = new Map(event.objects.map((object) => [keyOf(object), factsOf(object)]));
    } else if (event.type === 'DELETED') {
      this.#byObject.delete(keyOf(event.object));
    } else {
      this.#byObject.set(keyOf(event.object), factsOf(event.object));
    }
  }

  all(): ReadonlyMap<string, Fact> {
    const facts = new Map<string, Fact>();
    for (const each of this.#byObject.values()) for (const fact of each) facts.set(fact.key, fact);
    return facts;
  }
}

const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
