import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { entryPath } from '../../src/adapters/system/entry-path.ts';
import { createSystemChance } from '../../src/adapters/system/system-chance.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { bundledSuites, packageFolder } from '../../src/entries/places.ts';
import { createRehearsalLab } from '../../src/labs/rehearsal/rehearsal-lab.ts';
import type { Ability } from '../../src/model/abilities.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';
import { abilitiesOf, type Lab } from '../../src/ports/lab.ts';
import { CaseRunner } from './case-runner.ts';
import {
  allCases,
  forEachCase,
  KINDS,
  parseTable,
  renderTable,
  searchRow,
  type Row,
  type SuiteCase,
} from './mutation-table.ts';
import { describeMutation } from './mutation.ts';

const TABLE = join(packageFolder(), 'docs', 'generated', 'mutations.md');
const regenerate = process.env['SQUALL_REGENERATE'] === '1';
const seed = process.env['SQUALL_TEST_SEED'] ?? String(randomInt(1e9));

/** Repeats what the table says of a case, and returns what is not so. */
async function repeatRow(
  runner: CaseRunner,
  one: SuiteCase,
  row: Row | undefined,
): Promise<readonly string[]> {
  const { id } = one.declaration;
  const wrong: string[] = [];
  const clean = await runner.run(one.file, id);
  if (clean.result.outcome === 'skipped') return row === undefined ? [] : [`${id} is skipped, and has a row`];
  if (row === undefined) return [`${id} has no row`];
  if (clean.result.outcome !== 'passed') wrong.push(`${id} did not pass as it is: ${clean.result.reason}`);
  const mutations = KINDS.flatMap((kind) => row[kind] ?? []);
  if (mutations.length === 0) wrong.push(`${id} notices nothing`);
  // One of them each time, another one another day: all of them were tried when the table was written.
  for (const mutation of seededRandom(`${seed}/${id}`).pick(mutations, Math.min(1, mutations.length))) {
    const { result } = await runner.run(one.file, id, mutation);
    if (result.outcome !== 'failed')
      wrong.push(`${id} was ${result.outcome} in spite of ${describeMutation(mutation)}`);
  }
  return wrong;
}

describe('each case of the suites', function () {
  this.timeout(regenerate ? 900_000 : 90_000);
  const state = mkdtempSync(join(tmpdir(), 'squall-mutations-lab-'));
  let lab: Lab;
  let runner: CaseRunner;
  let abilities: readonly Ability[];

  before(async () => {
    lab = createRehearsalLab({
      stateFolder: state,
      clock: createSystemClock(),
      chance: createSystemChance(),
      entryPath,
    });
    await lab.up(() => undefined, AbortSignal.timeout(60_000));
    const connection = await lab.connection();
    abilities = abilitiesOf(lab, connection);
    runner = new CaseRunner(connection, abilities);
  });

  after(async () => {
    await lab.down(() => undefined);
    runner.remove();
    rmSync(state, { recursive: true, force: true });
  });

  it('fails when an answer that it depends on is spoiled, as the committed table says', async () => {
    // The others are held against the reference lab, by bench/lab-mutations.
    const cases = (await allCases(bundledSuites())).filter(({ declaration: { needs } }) =>
      needs.every((ability) => abilities.includes(ability)),
    );
    if (regenerate) {
      const rows = await forEachCase(cases, (one) => searchRow(runner, one));
      writeFileSync(TABLE, renderTable(rows.filter((row) => row !== undefined)));
    }
    expect(
      existsSync(TABLE),
      'docs/generated/mutations.md is missing: run with SQUALL_REGENERATE=1',
    ).to.equal(true);
    const rows = new Map(parseTable(readFileSync(TABLE, 'utf8')).map((row) => [row.id, row]));
    const ids = cases.map(({ declaration }) => declaration.id);
    const unknown = [...rows.keys()]
      .filter((id) => !ids.includes(id))
      .map((id) => `${id} has a row, and is no case`);
    const wrong = await forEachCase(cases, (one) => repeatRow(runner, one, rows.get(one.declaration.id)));
    expect([...unknown, ...wrong.flat()].join('\n'), `SQUALL_TEST_SEED=${seed}`).to.equal('');
  });
});
