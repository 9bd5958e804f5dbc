import { runMethod } from '../../../src/chaos/run-method.ts';
import { makeSchedule } from '../../../src/chaos/make-schedule.ts';
import type { ChaosContext } from '../../../src/chaos/chaos-context.ts';
import { openJournal } from '../../../src/custody/open-journal.ts';
import type { ChaosRecord } from '../../../src/model/injection.ts';
import type { Plan } from '../../../src/model/plan.ts';
import type { HealingJournal } from '../../../src/ports/healing-journal.ts';
import { MemoryStore } from './memory-store.ts';
import { ModelLab } from './model-lab.ts';
import { reference } from './topologies.ts';
import { VirtualClock } from './virtual-clock.ts';

/** One run's worth of fakes that share one list of actions, in the order in which they happened. */
export interface Stage {
  readonly actions: string[];
  readonly clock: VirtualClock;
  readonly lab: ModelLab;
  readonly store: MemoryStore;
  readonly journal: HealingJournal;
  readonly guard: AbortController;
  readonly user: AbortController;
  reaperAlive: boolean;
  play(plan: Plan, more?: Partial<ChaosContext>): Promise<ChaosRecord>;
}

export async function setStage(topology = reference()): Promise<Stage> {
  const actions: string[] = [];
  const clock = new VirtualClock();
  const lab = new ModelLab(topology, clock, actions);
  const store = new MemoryStore(actions);
  const journal = await openJournal(store, { run: 'run-1', clock, self: { host: 'here', pid: 1 } });
  actions.length = 0;
  const stage: Stage = {
    actions,
    clock,
    lab,
    store,
    journal,
    guard: new AbortController(),
    user: new AbortController(),
    reaperAlive: true,
    play: async (plan, more = {}) =>
      runMethod(
        makeSchedule(plan, topology, 'seed'),
        {
          plan,
          run: 'run-1',
          tools: { lab, kubernetes: lab.kubernetes, clock, run: 'run-1' },
          journal,
          rediscover: async () => topology,
          recovered: async () => true,
          runSuites: async () => undefined,
          guard: stage.guard.signal,
          progress: { report: () => undefined },
          reaper: { pid: 2, alive: () => stage.reaperAlive },
          ...more,
        },
        stage.user.signal,
      ),
  };
  return stage;
}
