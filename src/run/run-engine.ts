import { runEngineStage } from '../conformance/engine-stage.ts';
import { listCases } from '../conformance/list-cases.ts';
import { sweep, taggedObjects } from '../custody/index.ts';
import type { LedgerEntry } from '../model/conformance.ts';
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

/** Longer than a run gives to what its own cases left, which is less. */
const SWEEP_PATIENCE = minutes(1);

const MOST_NAMED = 5;

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
 * Runs the tests of the world's engine as a stage. Whatever it leaves in the cloud carries a prefix of this run, and is taken away.
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
      await notebook.attempt(() => takeAway(prefix, openstack, session));
    }
  });
}

/** Short, for names of projects end at 64 characters and classes of Tempest have long ones; the run's lock keeps it unique. */
export const prefixOf = (run: string): string => `sq-${run.replaceAll(/[^a-z0-9]/g, '').slice(-4)}`;

const silenceOf = ({ ms }: Duration): Duration => milliseconds(ms + SET_UP_ALLOWANCE.ms);

/**
 * Deletes what carries the prefix, and says what that was. It is in the ledger first, so that the sweep of the run looks whether it is
 * really gone, and goes on where this was too slow.
 */
async function takeAway(prefix: string, openstack: OpenStackApi, { ledger, world }: Session): Promise<void> {
  const left = await whatIsLeft(prefix, openstack, world);
  if (left.length === 0) return;
  for (const entry of left) {
    ledger.creating(entry);
    ledger.created(entry);
  }
  const found = await sweep({ outstanding: () => left }, { openstack }, world.clock, SWEEP_PATIENCE);
  const deleted = found.filter(({ swept }) => swept);
  for (const { entry } of deleted) ledger.deleted(entry);
  const names = left.slice(0, MOST_NAMED).map(({ collection, name }) => `${collection} ${name}`);
  const more = left.length - names.length;
  world.progress.report({
    kind: 'note',
    level: 'warning',
    says: `Tempest left ${left.length} behind, of which ${deleted.length} are deleted now: ${names.join(', ')}${more > 0 ? `, and ${more} more` : ''}.`,
  });
}

async function whatIsLeft(
  prefix: string,
  openstack: OpenStackApi,
  { progress }: Session['world'],
): Promise<readonly LedgerEntry[]> {
  const signal = AbortSignal.timeout(LOOK_PATIENCE.ms);
  const left: LedgerEntry[] = [];
  for (const collection of COLLECTIONS) {
    const at = { system: 'openstack', collection } as const;
    try {
      for (const { name, id } of await taggedObjects(at, { openstack }, signal))
        if (name.startsWith(`${prefix}-`)) left.push({ ...at, name, id, createdBy: 'tempest' });
    } catch (error) {
      if (isNotThere(error)) continue;
      const says = `Nobody could look what Tempest left in ${collection}: ${describeError(error)}`;
      progress.report({ kind: 'note', level: 'warning', says });
    }
  }
  return left;
}

/** A service that is not there, or a list that this user may not see: nothing of it was made by this user. */
function isNotThere(error: unknown): boolean {
  if (!(error instanceof HarnessError)) return false;
  if (error.code === 'SQ_AUTH' || error.code === 'SQ_CLOUDS_YAML') return true;
  const { status } = error.facts;
  return status === 401 || status === 403 || status === 404;
}
