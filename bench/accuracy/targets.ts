import { planOutages, type Manner } from './outage-schedule.ts';
import { now, TargetServer, type Switch } from './target-server.ts';

/** The targets of one round, a process of their own: started by `measure-round.ts`, told when to begin. */
export interface TargetsOrder {
  readonly seed: string;
  readonly targets: number;
  readonly outagesEach: number;
}

export interface TrueOutage {
  readonly manner: Manner;
  readonly start: Switch;
  readonly end: Switch;
}

export type FromTargets =
  | { readonly kind: 'listening'; readonly ports: readonly number[] }
  | { readonly kind: 'done'; readonly truth: readonly (readonly TrueOutage[])[] };

const tell = (message: FromTargets): void => {
  process.send?.(message);
};

const untilMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function goAwayByPlan(server: TargetServer, seed: string, count: number): Promise<TrueOutage[]> {
  const truth: TrueOutage[] = [];
  for (const { manner, afterMs, lengthMs } of planOutages(seed, count)) {
    await untilMs(afterMs);
    const start = await server.switchTo(manner);
    await untilMs(lengthMs - (now() - start.latestNs) / 1e6);
    truth.push({ manner, start, end: await server.switchTo(undefined) });
  }
  return truth;
}

async function main(order: TargetsOrder): Promise<void> {
  const servers = Array.from({ length: order.targets }, () => new TargetServer());
  const told = new Promise((resolve) => process.once('message', resolve));
  tell({ kind: 'listening', ports: await Promise.all(servers.map((server) => server.listen())) });
  await told;
  const truth = await Promise.all(
    servers.map((server, index) => goAwayByPlan(server, `${order.seed}/${index}`, order.outagesEach)),
  );
  tell({ kind: 'done', truth });
  // The probers look on for a moment, so that the last outage is seen to its end.
  await new Promise((resolve) => process.once('message', resolve));
  await Promise.all(servers.map((server) => server.close()));
  process.disconnect();
}

// Whoever started it is gone: nothing may stay behind.
process.once('disconnect', () => process.exit());
await main(JSON.parse(process.argv[2] ?? '{}') as TargetsOrder);
