import { runEngineStage } from '../conformance/engine-stage.ts';
import { listCases } from '../conformance/list-cases.ts';
import { taggedObjects } from '../custody/index.ts';
import { milliseconds, minutes, type Duration } from '../model/duration.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import type { SuiteSelection } from '../model/plan.ts';
import type { OpenStackApi } from '../ports/openstack.ts';
import type { Session } from './session.ts';
import type { EngineRequest } from './world.ts';

/** Tempest's own limit for one test, where it is given none. */
const TEST_TIMEOUT = minutes(20);

/** What a class makes before its first test may take this long besides. */
const SET_UP_ALLOWANCE = minutes(10);

/** Time to look for what is left, which a stopped run owes as well. */
const LOOK_PATIENCE = minutes(1);

/** What tests of a cloud create, in an order in which the later needs the earlier. */
const COLLECTIONS = [
  'identity:/domains',
  'identity:/projects',
  'identity:/users',
  'identity:/groups',
  'compute:/flavors',
  'block-storage:/types',
  'image:/images',
  'network:/networks',
  'network:/subnetpools',
  'network:/subnets',
  'network:/security-groups',
  'network:/routers',
  'network:/ports',
  'block-storage:/volumes',
  'block-storage:/snapshots',
  'compute:/os-keypairs',
  'compute:/servers',
] as const;

/**
 * Runs the tests of the world's engine as a stage. Whatever it leaves in the cloud carries a prefix of this run, and goes into the
 * ledger, so that the sweep of the run finds it.
 * @throws SQ_CLOUDS_YAML where there is no cloud; SQ_ENGINE where it cannot be had.
 */
export async function runEngine(
  { match }: EngineRequest,
  selection: SuiteSelection,
  session: Session,
  stop: AbortSignal,
): Promise<void> {
  const { world, request, clients, notebook } = session;
  const { engine, clock, folder, progress } = world;
  const { openstack } = clients;
  if (engine === undefined) throw new HarnessError('SQ_INTERNAL', 'No engine was composed for this run.');
  if (openstack === undefined)
    throw new HarnessError(
      'SQ_CLOUDS_YAML',
      `The lab ${world.lab.name} has no OpenStack, which Tempest tests.`,
    );
  const cases =
    match === undefined ? (await listCases(world.suites, selection)).flatMap((suite) => suite.cases) : [];
  const testTimeout = request.caseTimeout ?? TEST_TIMEOUT;
  const prefix = prefixOf(request.id);
  const report = (says: string): void => progress.report({ kind: 'event', says });
  await notebook.stage('conformance tempest', async () => {
    const opened = await engine.open({ openstack, prefix, testTimeout }, report, stop);
    try {
      for (const says of opened.notes) progress.report({ kind: 'note', level: 'info', says });
      const order = {
        choice: { cases, ...(match === undefined ? {} : { match }) },
        workers: request.lanes,
        silence: silenceOf(testTimeout),
      };
      await runEngineStage(order, { engine: opened, folder, clock, progress }, stop);
    } finally {
      await notebook.attempt(() => opened.close());
      await notebook.attempt(() => noteWhatIsLeft(prefix, openstack, session));
    }
  });
}

/** Short, for names of projects end at 64 characters and classes of Tempest have long ones; the run's lock keeps it unique. */
export const prefixOf = (run: string): string => `sq-${run.replaceAll(/[^a-z0-9]/g, '').slice(-4)}`;

const silenceOf = ({ ms }: Duration): Duration => milliseconds(ms + SET_UP_ALLOWANCE.ms);

/** Puts what carries the prefix into the ledger. */
async function noteWhatIsLeft(
  prefix: string,
  openstack: OpenStackApi,
  { ledger, world }: Session,
): Promise<void> {
  const signal = AbortSignal.timeout(LOOK_PATIENCE.ms);
  for (const collection of COLLECTIONS) {
    const at = { system: 'openstack', collection } as const;
    try {
      for (const { name, id } of await taggedObjects(at, { openstack }, signal)) {
        if (!name.startsWith(`${prefix}-`)) continue;
        ledger.creating({ ...at, name, createdBy: 'tempest' });
        ledger.created({ ...at, name, id, createdBy: 'tempest' });
      }
    } catch (error) {
      if (isNotThere(error)) continue;
      world.progress.report({
        kind: 'note',
        level: 'warning',
        says: `Nobody could look what Tempest left in ${collection}: ${describeError(error)}`,
      });
    }
  }
}

/** A service that is not there, or a list that this user may not see: nothing of it was made by this user. */
function isNotThere(error: unknown): boolean {
  if (!(error instanceof HarnessError)) return false;
  if (error.code === 'SQ_AUTH' || error.code === 'SQ_CLOUDS_YAML') return true;
  const { status } = error.facts;
  return status === 401 || status === 403 || status === 404;
}
