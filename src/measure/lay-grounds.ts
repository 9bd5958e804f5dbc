import { HarnessError } from '../model/errors.ts';
import { seconds } from '../model/duration.ts';
import type { ProbeSpec } from '../model/plan.ts';
import type { Topology } from '../model/topology.ts';
import type { KubernetesApi } from '../ports/kubernetes.ts';
import type { Ledger } from '../ports/ledger.ts';
import { wireAccess, type ProbeAssignment } from '../ports/prober.ts';
import { createAsker } from './create-asker.ts';
import { probeRegistry } from './probe-registry.ts';
import type { CheckTools, Ground, GroundTools, Probe } from './probes/probe.ts';

const ANSWERS_WITHIN = seconds(30);
const ASK_EVERY = { ms: 250 };

const probeOf = (spec: ProbeSpec): Probe | undefined => probeRegistry.find(({ name }) => name === spec.probe);

/**
 * Refuses, before anything is touched, probes that need what the lab does not have.
 * @throws SQ_ABILITY_MISSING with all of them, one a line.
 */
export function refuseProbes(
  specs: readonly ProbeSpec[],
  { lab, abilities, missingAbilities }: Pick<Topology, 'lab' | 'abilities' | 'missingAbilities'>,
): void {
  const problems = specs.flatMap((spec) =>
    (probeOf(spec)?.needs ?? [])
      .filter((need) => !abilities.includes(need))
      .map((need) => {
        const known = missingAbilities.find(({ ability }) => ability === need);
        const why = known === undefined ? '.' : `: ${known.reason} ${known.remedy}`;
        return `Probe ${spec.name}: ${spec.probe} needs ${need}, which the lab ${lab} does not have${why}`;
      }),
  );
  if (problems.length > 0)
    throw new HarnessError('SQ_ABILITY_MISSING', problems.join('\n'), { facts: { problems } });
}

/**
 * Looks whether all that probes ask through can be made, before anything is touched.
 * @throws SQ_ABILITY_MISSING, SQ_PLAN_INVALID: what is missing, with the remedy; where several are refused, the first.
 */
export async function checkGrounds(
  specs: readonly ProbeSpec[],
  tools: CheckTools,
  signal: AbortSignal,
): Promise<void> {
  for (const spec of specs) await probeOf(spec)?.ground?.check?.(spec, tools, signal);
}

/** How the ledger says who made what probes ask through. */
export const makersOfGrounds = (specs: readonly ProbeSpec[]): readonly string[] =>
  specs.filter((spec) => probeOf(spec)?.ground !== undefined).map(({ name }) => `probe ${name}`);

/**
 * Makes what probes ask through, and says what is asked there. It may be called again in the same run: what is there is taken as
 * it is. What it creates is to be in the ledger before.
 * @param answers asks one part once; default for real.
 * @throws HarnessError when something cannot be made, or a part is not answered well within half a minute.
 */
export async function layGrounds(
  specs: readonly ProbeSpec[],
  tools: GroundTools,
  signal: AbortSignal,
  answers: (part: ProbeAssignment) => Promise<boolean> = (part) => answersOnce(part, tools),
): Promise<readonly ProbeAssignment[]> {
  const laid: ProbeAssignment[] = [];
  for (const spec of specs) {
    const ground = probeOf(spec)?.ground;
    if (ground === undefined) continue;
    const parts = await ground.lay(spec, tools, signal);
    if (ground.tried !== true) await untilAnswered(parts, ground, tools, signal, answers);
    laid.push(...parts);
  }
  return laid;
}

async function untilAnswered(
  parts: readonly ProbeAssignment[],
  { answersWithin = ANSWERS_WITHIN, remedy }: Ground,
  { clock }: GroundTools,
  signal: AbortSignal,
  answers: (part: ProbeAssignment) => Promise<boolean>,
): Promise<void> {
  const untilNs = clock.now().ns + answersWithin.ms * 1e6;
  let silent = parts;
  for (;;) {
    const heard = await Promise.all(silent.map(answers));
    silent = silent.filter((_, index) => heard[index] !== true);
    if (silent.length === 0) return;
    if (clock.now().ns >= untilNs) break;
    await clock.sleep(ASK_EVERY, signal);
  }
  const names = silent.map(({ spec }) => spec.name).join(', ');
  throw new HarnessError(
    'SQ_UNREACHABLE',
    `Before anything was hurt these were not answered within ${answersWithin.ms / 1000} s: ${names}.`,
    { remedy },
  );
}

/** Asks as the prober will. */
function answersOnce({ spec, question, access }: ProbeAssignment, { clock }: GroundTools): Promise<boolean> {
  const asker = createAsker({ spec, question, access: wireAccess(access) }, clock);
  return new Promise((resolve) => {
    const end = (good: boolean): void => {
      cancel();
      void asker.close().then(() => resolve(good));
    };
    const asking = asker.ask({ n: 0, finish: (failure) => end(failure === undefined) });
    const cancel = clock.after(spec.timeout.ms, () => {
      asking.giveUp();
      end(false);
    });
  });
}

/** Asks for the deletion of what probes were asked through in the cluster, as far as the ledger has it outstanding. It is gone some seconds later. */
export async function clearGrounds(
  specs: readonly ProbeSpec[],
  {
    kubernetes,
    run,
    ledger,
  }: { readonly kubernetes?: KubernetesApi; readonly run: string; readonly ledger: Ledger },
  signal: AbortSignal,
): Promise<void> {
  for (const spec of specs) {
    const probe = probeOf(spec);
    if (probe?.ground === undefined || kubernetes === undefined) continue;
    const ours = (probe.mayCreate?.(spec, run) ?? []).map(({ collection, name }) => `${collection}/${name}`);
    for (const entry of ledger.outstanding()) {
      const path = `${entry.collection}/${entry.name}`;
      if (entry.system !== 'kubernetes' || !ours.includes(path)) continue;
      await kubernetes.delete(path, { propagation: 'Background', signal });
      ledger.deleted(entry);
    }
  }
}
