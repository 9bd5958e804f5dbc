import type { ReplicaContext } from '../replica.ts';
import { uuid } from './call.ts';
import { computeTables } from './compute-tables.ts';
import type { ServerRow } from './compute-tables.ts';
import { releasePorts } from './network-tables.ts';

/** How often it looks for work: a fraction of the shortest thing that it does, so that build times come out as they are named. */
const lookEveryMs = ({ timers }: ReplicaContext): number =>
  Math.max(50, Math.min(timers.serverBuildMs, timers.serverDeleteMs, timers.reportIntervalMs) / 4);

async function beat(context: ReplicaContext): Promise<void> {
  const { agents } = computeTables(context);
  const seenMs = context.nowMs();
  const known = await agents.change(context.node, (row) => ({ ...row, seenMs }));
  if (known === undefined)
    await agents.insert(context.node, {
      id: uuid(context),
      host: context.node,
      seenMs,
      disabled: false,
      reason: null,
    });
}

function done(row: ServerRow, nowMs: number): ServerRow {
  const after = { ...row, task: null, changedMs: nowMs };
  if (row.task === 'powering-off') return { ...after, status: 'SHUTOFF' };
  return { ...after, status: 'ACTIVE', launchedMs: row.launchedMs ?? nowMs };
}

async function work(context: ReplicaContext): Promise<void> {
  const { servers } = computeTables(context);
  for (const server of await servers.all()) {
    if (server.host !== context.node || server.task === null) continue;
    const takesMs = server.task === 'deleting' ? context.timers.serverDeleteMs : context.timers.serverBuildMs;
    if (context.nowMs() - server.changedMs < takesMs) continue;
    if (server.task === 'deleting') {
      await releasePorts(context, server.id);
      await servers.remove(server.id);
    } else {
      // Somebody may have asked for something else meanwhile, such as its deletion.
      await servers.change(server.id, (row) => (row.task === server.task ? done(row, context.nowMs()) : row));
    }
  }
}

/**
 * The nova-compute of this node: reports that it is alive, and builds, reboots and deletes the servers that were placed on it.
 * While the database does not answer it does nothing, as the real one whose queue is gone.
 * @returns how to stop it at once.
 */
export function startComputeAgent(context: ReplicaContext): () => void {
  let stopped = false;
  const repeat = (everyMs: number, act: (context: ReplicaContext) => Promise<void>): (() => void) => {
    let timer: NodeJS.Timeout | undefined;
    const turn = async (): Promise<void> => {
      // The next turn tries again; the agent's silence is what others see.
      await act(context).catch(() => undefined);
      if (!stopped) timer = setTimeout(() => void turn(), everyMs);
    };
    void turn();
    return () => clearTimeout(timer);
  };
  const ends = [repeat(context.timers.reportIntervalMs, beat), repeat(lookEveryMs(context), work)];
  return () => {
    stopped = true;
    for (const end of ends) end();
  };
}
