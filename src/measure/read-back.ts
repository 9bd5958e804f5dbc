import { describeError, HarnessError } from '../model/errors.ts';
import { milliseconds } from '../model/duration.ts';
import type { WrittenBack, WrittenSlot } from '../model/observation.ts';
import type { ProbeSpec } from '../model/plan.ts';
import type { Clock } from '../ports/clock.ts';
import { probeRegistry } from './probe-registry.ts';
import type { ReadBack, ReadBackClients } from './probes/probe.ts';

/** Between two tries to read an object; a system may need a while after its faults. */
const AGAIN = milliseconds(500);

/** From the first try of a slot until it counts as not to be read. */
const PATIENCE_NS = 20e9;

export interface ReadBackTools extends ReadBackClients {
  readonly clock: Clock;
  readonly run: string;
}

/**
 * What the probes that remember their writes find of them, once the last sample is over and before anything is swept. It never
 * rejects for what the system does: what could not be read says why.
 * @throws the signal's reason.
 */
export async function readWritesBack(
  specs: readonly ProbeSpec[],
  tools: ReadBackTools,
  signal: AbortSignal,
): Promise<readonly WrittenBack[]> {
  const remembering = specs.flatMap((spec) => {
    const readBack = probeRegistry.find(({ name }) => name === spec.probe)?.readBack;
    return readBack === undefined ? [] : [{ spec, readBack }];
  });
  return Promise.all(
    remembering.map(async ({ spec, readBack }) => {
      const slots = await Promise.all(
        readBack.slots(spec, tools.run).map((slot) => readSlot(slot, { spec, readBack }, tools, signal)),
      );
      return { probe: spec.name, readAt: tools.clock.now(), slots };
    }),
  );
}

async function readSlot(
  name: string,
  { spec, readBack }: { readonly spec: ProbeSpec; readonly readBack: ReadBack },
  tools: ReadBackTools,
  signal: AbortSignal,
): Promise<WrittenSlot> {
  const { clock } = tools;
  const untilNs = clock.now().ns + PATIENCE_NS;
  for (;;) {
    try {
      return { name, found: await readBack.samplesIn(name, tools, signal, spec) };
    } catch (error) {
      signal.throwIfAborted();
      const never = error instanceof HarnessError && error.code === 'SQ_ABILITY_MISSING';
      if (never || clock.now().ns >= untilNs) return { name, trouble: describeError(error) };
      await clock.sleep(AGAIN, signal);
    }
  }
}
