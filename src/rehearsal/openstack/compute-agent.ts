import { setTimeout } from 'node:timers/promises';
import type { ReplicaContext } from '../replica.ts';
import { dashed } from './call.ts';
import { aged } from './kind.ts';
import { agents, servers, TASKS } from './nova.ts';

async function beat(context: ReplicaContext): Promise<void> {
  const host = context.node;
  const known = await agents(context).find(host);
  await agents(context).put(host, {
    id: known?.id ?? dashed(context.token(32)),
    host,
    seenMs: context.nowMs(),
  });
}

async function work(context: ReplicaContext): Promise<void> {
  const table = servers.table(context);
  for (const { id, host, state } of await table.all()) {
    if (host !== context.node || TASKS[state] === undefined) continue;
    // Somebody may have asked for something else meanwhile, such as its deletion.
    const after = await table.change(id, (row) => aged(row, TASKS, context));
    if (after?.state === 'gone') await table.remove(id);
  }
}

/**
 * The nova-compute of this node: reports that it is alive, and builds and deletes the servers that were placed on it. While the
 * database does not answer it does nothing, as the real one whose queue is gone.
 * @returns how to stop it at once.
 */
export function startComputeAgent(context: ReplicaContext): () => void {
  const { serverBuildMs, serverDeleteMs, reportIntervalMs } = context.timers;
  const end = new AbortController();
  const repeat = async (act: typeof beat, everyMs: number): Promise<void> => {
    while (!end.signal.aborted) {
      // The next turn tries again; the agent's silence is what others see.
      await act(context).catch(() => undefined);
      await setTimeout(everyMs, undefined, { signal: end.signal }).catch(() => undefined);
    }
  };
  void repeat(beat, reportIntervalMs);
  // Often enough that build times come out as they are named.
  void repeat(work, Math.max(50, Math.min(serverBuildMs, serverDeleteMs, reportIntervalMs) / 4));
  return () => end.abort();
}
