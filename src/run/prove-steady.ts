import { runConformance } from '../conformance/stage.ts';
import type { ConformanceResults, ConformanceStage } from '../model/conformance.ts';
import { seconds } from '../model/duration.ts';
import { HarnessError } from '../model/errors.ts';
import type { SuiteSelection } from '../model/plan.ts';
import { isFullyRedundant } from '../topology/index.ts';
import type { Session } from './session.ts';

/** From the start of a case until its lane is given up. */
const CASE_TIMEOUT = seconds(60);

/**
 * Runs the suites of a stage. Before chaos this is a gate as well.
 * @throws SQ_NOT_STEADY when something is missing or a case did not pass before chaos; afterwards it is the verdict's business.
 */
export async function proveSteady(
  stage: 'before' | 'after',
  session: Session,
  stop: AbortSignal,
): Promise<void> {
  if (session.earlier?.stages.includes(`conformance/${stage}.json`) === true) return;
  if (stage === 'before') refuseUnlessComplete(session);
  const selection = session.request.plan.conformance[stage];
  if (selection === undefined) return;
  const { results } = await runSuites({ stage, selection }, session, stop);
  stop.throwIfAborted();
  const bad = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown');
  if (stage === 'before' && bad.length > 0) {
    const first = bad[0];
    throw new HarnessError(
      'SQ_NOT_STEADY',
      `${bad.length} of ${results.length} cases did not pass before anything was hurt; the first is ${first?.id}: ${first?.reason ?? first?.outcome}`,
    );
  }
}

function refuseUnlessComplete({ topology }: Session): void {
  const { ok, lacks } = isFullyRedundant(topology, topology);
  if (!ok)
    throw new HarnessError(
      'SQ_NOT_STEADY',
      `Something is missing before anything was hurt: ${lacks.join('; ')}.`,
    );
}

export interface SuitesOrder {
  readonly stage: ConformanceStage;
  readonly selection: SuiteSelection;
  /** Names the files in the run folder; default the stage. */
  readonly label?: string;
  /** When given, the suites go round until it aborts. */
  readonly repeatUntil?: AbortSignal;
}

export async function runSuites(
  order: SuitesOrder,
  session: Session,
  stop: AbortSignal,
): Promise<ConformanceResults> {
  const { world, request, connection, topology, ledger } = session;
  const beside = order.stage === 'during';
  const { testImage } = world.lab.abilities;
  return runConformance(
    {
      ...order,
      run: request.id,
      files: world.suites,
      connection,
      abilities: topology.abilities,
      ...(testImage === undefined ? {} : { testImage }),
      // Beside faults the machine belongs to the prober first.
      lanes: beside ? 1 : request.lanes,
      client: beside ? 'recording' : 'strict',
      caseTimeout: request.caseTimeout ?? CASE_TIMEOUT,
      allureFolder: `${world.folder.path}/allure-results`,
    },
    {
      lanes: world.lanes,
      folder: world.folder,
      clock: world.clock,
      progress: world.progress,
      ledger,
      durations: world.durations,
    },
    stop,
  );
}
