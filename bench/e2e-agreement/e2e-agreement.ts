import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKubernetesApi } from '../../src/adapters/kubernetes/index.ts';
import {
  ensureParts,
  goBuild,
  loadLock,
  releaseDownload,
  type EnsuredBinary,
} from '../../src/adapters/parts/index.ts';
import { createSystemChance } from '../../src/adapters/system/system-chance.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { listCases } from '../../src/conformance/list-cases.ts';
import { composeReferenceLab } from '../../src/entries/compose-reference-lab.ts';
import { bundledSuites, cacheFolder, packageFolder } from '../../src/entries/places.ts';
import { DEFECTS, type Defect } from '../seeded-defects/defects.ts';
import { kubectl, NODES } from '../seeded-defects/on-nodes.ts';
import { runCases } from '../seeded-defects/run-cases.ts';
import { watchedCluster } from '../seeded-defects/watched-cluster.ts';
import { isAsItShouldBe, labelsOf, rowsOf, type Row } from './agreement.ts';
import { pageOf, tableOf } from './page.ts';
import { ensureTestImage, namesOf, putOntoNodes, takeFromNodes } from './test-image.ts';
import { HEALTHY, TRIALS, type Trial } from './trials.ts';
import { runUpstream, type Upstream } from './upstream.ts';

/**
 * `npx tsx bench/e2e-agreement/e2e-agreement.ts [--seconds 540] [--fresh] [--write] [--only pattern] [--limit 120] [--checks-at-once 4]`,
 * with the reference lab up: has upstream's conformance program and our cases look at the same checks, first on the healthy cluster,
 * then with one defect of `bench/seeded-defects` at a time. The state file holds what was found, and which defect stands: a next call takes
 * that one back first. `--parts-only` has the programs and the image made and touches no lab; `--write` writes the page of the docs.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '540' },
    limit: { type: 'string', default: '120' },
    'checks-at-once': { type: 'string', default: '4' },
    fresh: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    'parts-only': { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    state: { type: 'string', default: 'bench/.state/e2e-agreement.json' },
  },
});
const limitS = Number(values.limit);

/** Seeding, our cases and undoing take this beside upstream's checks, and a check that passes takes this with its start. */
const BESIDE_S = 200;
const PASSING_S = 45;

interface State {
  stands?: string;
  /** How often each was tried: one that is not as it should be is tried again by the next call. */
  tries: Record<string, number>;
  found: Record<string, readonly Row[]>;
}

function readState(): State {
  try {
    const state = JSON.parse(readFileSync(values.state, 'utf8')) as State;
    return values.fresh
      ? { ...(state.stands === undefined ? {} : { stands: state.stands }), tries: {}, found: {} }
      : state;
  } catch {
    return { tries: {}, found: {} };
  }
}

const state = readState();
const keep = (): void => {
  mkdirSync(dirname(values.state), { recursive: true });
  writeFileSync(values.state, JSON.stringify(state, null, 1));
};

const clock = createSystemClock();
const say = (says: string): void => void process.stderr.write(`${says}\n`);
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => stop.abort(new Error('It was stopped; the next call takes back what stands.')));

const lock = loadLock(join(packageFolder(), 'reference', 'versions.lock.yaml'));
const cache = { lock, cacheFolder: cacheFolder(process.env), clock, report: say };
const userFolder = process.env['SQUALL_PARTS'];
const programs = await ensureParts(
  ['kubernetes', 'kubernetes-tests', 'agnhost'],
  {
    ...cache,
    sources: [releaseDownload(), goBuild()],
    ...(userFolder === undefined ? {} : { userFolder }),
  },
  stop.signal,
);
function program(name: string): EnsuredBinary {
  const found = programs.get(name);
  if (found === undefined) throw new Error(`The lock has no program ${name}.`);
  return found;
}
const archive = await ensureTestImage(program('agnhost'), { ...cache, suite: lock.node.suite }, stop.signal);
const images = await namesOf(program('e2e.test').path, clock, stop.signal);
if (values['parts-only']) {
  say(`${program('e2e.test').path}\n${archive}\n${images.join('\n')}`);
  process.exit(0);
}

const lab = composeReferenceLab({ clock, chance: createSystemChance(), environment: process.env });
const connection = await lab.connection();
const api = await createKubernetesApi({ connection, environment: {}, clock });
const cluster = watchedCluster(api, clock);
const upstream: Upstream = {
  e2e: program('e2e.test').path,
  kubectl: program('kubectl').path,
  kubeconfig: connection.kubeconfig ?? '',
  nodes: NODES.length,
  limitS,
  atOnce: Number(values['checks-at-once']),
  clock,
  report: say,
};
const labels = labelsOf(
  (await listCases(bundledSuites(), { suites: [], tags: [] })).flatMap(({ cases }) => cases),
);

/** Removes what checks that were killed left; the deletion of the others is waited for. */
async function removeTestNamespaces(): Promise<void> {
  for (let tries = 0; tries < 180; tries++) {
    const left = await api.list('/api/v1/namespaces', { labelSelector: 'e2e-run' });
    if (left.length === 0) return;
    if (tries === 0) for (const { metadata } of left) await api.delete(`/api/v1/namespaces/${metadata.name}`);
    await clock.sleep({ ms: 500 });
  }
  say('Namespaces of upstream’s tests are still being deleted.');
}

const standsAside = ({ amongNodes }: Trial): readonly string[] =>
  amongNodes === undefined ? [] : NODES.filter((node) => !amongNodes.includes(node));

async function takeBack(trial: Trial, defect: Defect | undefined): Promise<void> {
  const aside = standsAside(trial);
  if (aside.length > 0) await kubectl('uncordon', ...aside);
  await defect?.undo();
  await cluster.untilWhole();
  await removeTestNamespaces();
  delete state.stands;
  keep();
}

async function tryOne(trial: Trial, defect: Defect | undefined): Promise<readonly Row[]> {
  const checks = [...trial.fails, ...trial.passes];
  const ids = [...new Set(checks.flatMap((check) => labels.get(check) ?? []))];
  if (defect !== undefined) state.stands = defect.name;
  keep();
  await defect?.seed();
  await cluster.untilSteady();
  const ours = await runCases(lab, connection, ids);
  const aside = standsAside(trial);
  if (aside.length > 0) await kubectl('cordon', ...aside);
  const theirs = await runUpstream(checks, upstream, stop.signal);
  await takeBack(trial, defect);
  return rowsOf(trial, labels, ours, theirs);
}

const all = [HEALTHY, ...TRIALS];
const defectOf = (trial: Trial): Defect | undefined => DEFECTS.find(({ name }) => name === trial.defect);
const longest = ({ fails, passes }: Trial): number =>
  BESIDE_S +
  Math.ceil(fails.length / upstream.atOnce) * limitS +
  Math.ceil(passes.length / upstream.atOnce) * PASSING_S;
const isDone = ({ defect }: Trial): boolean => isAsItShouldBe(state.found[defect] ?? []);

const begun = process.hrtime.bigint();
const secondsGone = (): number => Number(process.hrtime.bigint() - begun) / 1e9;
const standing = all.find(({ defect }) => defect === state.stands);
if (standing !== undefined) await takeBack(standing, defectOf(standing));
if (values.fresh) await takeFromNodes(images);
await removeTestNamespaces();
await putOntoNodes(archive, images);
let tried = 0;
for (const trial of all) {
  if (!trial.defect.includes(values.only) || isDone(trial)) continue;
  // One is always tried: where it takes longer than there is, it would never be.
  if (tried > 0 && secondsGone() + longest(trial) > Number(values.seconds)) break;
  tried += 1;
  const rows = await tryOne(trial, defectOf(trial));
  state.found[trial.defect] = rows;
  state.tries[trial.defect] = (state.tries[trial.defect] ?? 0) + 1;
  keep();
  say(`${trial.defect}: ${isAsItShouldBe(rows) ? 'both see it alike' : 'NOT AS IT SHOULD BE'}`);
}
const good = all.filter(isDone).length;
if (good === all.length) await takeFromNodes(images);
if (values.write) writeFileSync(join(packageFolder(), 'docs', 'e2e-agreement.md'), pageOf(all, state.found));
process.stdout.write(`${tableOf(all, state.found)}\n`);
process.stdout.write(
  `${JSON.stringify({ bench: 'e2e-agreement', ok: good === all.length, trials: all.length, good, tries: Object.values(state.tries).reduce((sum, one) => sum + one, 0), seconds: Math.round(secondsGone()) })}\n`,
);
process.exit(good === all.length ? 0 : 1);
