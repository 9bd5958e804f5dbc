import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKubernetesApi } from '../../src/adapters/kubernetes/index.ts';
import { createSystemChance } from '../../src/adapters/system/system-chance.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { composeReferenceLab } from '../../src/entries/compose-reference-lab.ts';
import { packageFolder } from '../../src/entries/places.ts';
import { DEFECTS, type Defect } from './defects.ts';
import { runCases } from './run-cases.ts';
import { watchedCluster } from './watched-cluster.ts';

/**
 * `npx tsx bench/seeded-defects/seeded-defects.ts [--seconds 540] [--fresh] [--write] [--only pattern]`, with the reference lab up: breaks
 * the cluster in one way after the other, and says whether the right cases fail and others do not. The state file holds what was
 * found, and which defect stands: a next call takes that one back first. `--write` writes the table into the docs.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '540' },
    fresh: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    state: { type: 'string', default: 'bench/.state/seeded-defects.json' },
  },
});

/** One defect is seeded, looked at and undone within this. */
const ONE_TAKES_S = 180;

interface Found {
  readonly ok: boolean;
  /** `case: outcome`, in the order of the defect's lists. */
  readonly outcomes: readonly string[];
}

interface State {
  stands?: string;
  found: Record<string, Found>;
}

function readState(): State {
  try {
    const state = JSON.parse(readFileSync(values.state, 'utf8')) as State;
    return values.fresh
      ? { ...(state.stands === undefined ? {} : { stands: state.stands }), found: {} }
      : state;
  } catch {
    return { found: {} };
  }
}

const state = readState();
const keep = (): void => {
  mkdirSync(dirname(values.state), { recursive: true });
  writeFileSync(values.state, JSON.stringify(state, null, 1));
};

const clock = createSystemClock();
const lab = composeReferenceLab({ clock, chance: createSystemChance(), environment: process.env });
const connection = await lab.connection();
const api = await createKubernetesApi({ connection, environment: {}, clock });
const cluster = watchedCluster(api, clock);

async function takeBack(defect: Defect): Promise<void> {
  await defect.undo();
  await cluster.untilWhole();
  delete state.stands;
  keep();
}

async function tryOne(defect: Defect): Promise<Found> {
  state.stands = defect.name;
  keep();
  await defect.seed();
  await cluster.untilSteady();
  const outcomes = await runCases(lab, connection, [...defect.fails, ...defect.passes]);
  await takeBack(defect);
  const is = (id: string, outcome: string): boolean => outcomes.get(id) === outcome;
  const ok = defect.fails.every((id) => is(id, 'failed')) && defect.passes.every((id) => is(id, 'passed'));
  return {
    ok,
    outcomes: [...defect.fails, ...defect.passes].map((id) => `${id}: ${outcomes.get(id) ?? 'not run'}`),
  };
}

const begun = process.hrtime.bigint();
const secondsGone = (): number => Number(process.hrtime.bigint() - begun) / 1e9;
const standing = DEFECTS.find(({ name }) => name === state.stands);
if (standing !== undefined) await takeBack(standing);
for (const defect of DEFECTS) {
  if (!defect.name.includes(values.only) || state.found[defect.name]?.ok === true) continue;
  if (secondsGone() + ONE_TAKES_S > Number(values.seconds)) break;
  const found = await tryOne(defect);
  state.found[defect.name] = found;
  keep();
  process.stdout.write(
    `${defect.name}: ${found.ok ? 'seen' : 'NOT AS IT SHOULD BE'}\n${found.outcomes.map((line) => `  ${line}\n`).join('')}`,
  );
}

const shownOf = (found: Found | undefined): string =>
  found === undefined ? 'not tried yet' : found.ok ? 'yes' : 'no';

if (values.write) {
  const names = (ids: readonly string[]): string =>
    ids.map((id) => `\`${id.replace('kubernetes/', '')}\``).join(', ');
  const rows = DEFECTS.map(
    ({ name, says, fails, passes }) =>
      `| ${says} | ${names(fails)} | ${names(passes)} | ${shownOf(state.found[name])} |`,
  );
  writeFileSync(
    join(packageFolder(), 'docs', 'seeded-defects.md'),
    `# Defects that the suites see\n\nThe reference lab, broken in one way at a time, and what the suites say of it. Written by\n\`npx tsx bench/seeded-defects/seeded-defects.ts --write\`.\n\n| defect | must fail | must pass | as it should be |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`,
  );
}
const seen = DEFECTS.filter(({ name }) => state.found[name]?.ok === true).length;
process.stdout.write(
  `${JSON.stringify({ bench: 'seeded-defects', ok: seen === DEFECTS.length, defects: DEFECTS.length, seen, seconds: Math.round(secondsGone()) })}\n`,
);
process.exit(seen === DEFECTS.length ? 0 : 1);
