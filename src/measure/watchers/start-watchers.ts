import { HarnessError, describeError } from '../../model/errors.ts';
import { watcherRegistry } from './watcher-registry.ts';
import type { Emit, Watcher, WatcherTools } from './watcher.ts';

/**
 * Starts the watchers that are named, or all that these tools can feed when none is. Resolves when the signal has ended them.
 * A watcher that breaks says that it is blind, and breaks nothing else.
 * @param registry what there is to choose from.
 * @throws SQ_PLAN_INVALID at once when a name is not there.
 */
export async function startWatchers(
  names: readonly string[],
  tools: WatcherTools,
  emit: Emit,
  signal: AbortSignal,
  registry: readonly Watcher[] = watcherRegistry,
): Promise<void> {
  const chosen =
    names.length === 0
      ? registry.filter(({ needs }) => isFed(needs, tools))
      : names.map((name) => find(name, registry));
  await Promise.all(chosen.map((watcher) => keepWatching(watcher, tools, emit, signal)));
}

function isFed(needs: Watcher['needs'], { kubernetes, openstack }: WatcherTools): boolean {
  if (needs === 'kubernetes') return kubernetes !== undefined;
  return needs === 'openstack' && openstack !== undefined;
}

function find(name: string, registry: readonly Watcher[]): Watcher {
  const watcher = registry.find((each) => each.name === name);
  if (watcher !== undefined) return watcher;
  const known = registry.map((each) => each.name).join(', ');
  throw new HarnessError('SQ_PLAN_INVALID', `There is no watcher ${name}; there are ${known}.`);
}

async function keepWatching(
  watcher: Watcher,
  tools: WatcherTools,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = tools;
  const startNs = clock.now().ns;
  let lastNs = startNs;
  const noting: Emit = (event) => {
    lastNs = Math.max(lastNs, event.seenNs);
    emit(event);
  };
  try {
    await watcher.watch(tools, noting, signal);
  } catch (error) {
    if (signal.aborted) return;
    const says = describeError(error);
    const seenNs = clock.now().ns;
    emit({
      watcher: watcher.name,
      clock: clock.id,
      seenNs,
      afterNs: lastNs,
      change: 'blind',
      about: watcher.name,
      is: says,
    });
  }
}
