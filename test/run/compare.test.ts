import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { readGivenSubject } from '../../src/entries/given-subject.ts';
import { openRunIndex, runFoldersIn } from '../../src/entries/run-index.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { Subject } from '../../src/model/evidence.ts';
import { compare } from '../../src/run/compare.ts';
import { readRuns } from '../../src/run/history.ts';
import { joinSubject } from '../../src/topology/index.ts';
import { must, storeRun, type Change } from './store-run.ts';

describe('comparing stored runs', () => {
  let reports: string;
  beforeEach(() => {
    reports = mkdtempSync(join(tmpdir(), 'squall-compare-'));
  });
  afterEach(() => rmSync(reports, { recursive: true }));

  const store = (n: number, change: Change): Promise<RunFolderOnDisk> => storeRun(reports, n, change);
  const storeAll = (count: number, from: number, change: Change): Promise<RunFolderOnDisk[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => store(from + index, change)));

  it('groups runs by their subject, and says what differs', async () => {
    const folders = [
      ...(await storeAll(3, 0, { commit: 'old' })),
      ...(await storeAll(2, 10, { commit: 'new' })),
    ];
    const { comparison, verdict } = await compare({ folders: [...folders].reverse(), slowdown: 1.5 });
    expect([comparison.baseline.runs.length, comparison.changed.runs.length]).to.deep.equal([3, 2]);
    expect(comparison.differences).to.deep.equal(['- commit old', '+ commit new']);
    expect(verdict).to.include({ truth: 'unknown', exitCode: 4 });
    expect(comparison.measures.find(({ id }) => id.endsWith('/outage'))?.judged).to.equal(true);
    expect(comparison.notes.join(' ')).to.include('made before the others');
  });

  it('takes runs that are named for the baseline, whatever they tested', async () => {
    const before = await storeAll(2, 0, {});
    const after = await storeAll(2, 10, { slower: 2 });
    const { comparison } = await compare({ folders: [...before, ...after], baseline: before, slowdown: 1.5 });
    expect(comparison.baseline.runs).to.have.length(2);
    expect(comparison.changed.runs).to.have.length(2);
  });

  it('leaves out a run that ended early, and says so', async () => {
    const folders = [
      ...(await storeAll(2, 0, { commit: 'a' })),
      await store(10, { commit: 'b', end: 'not-steady' }),
    ];
    const { comparison, verdict } = await compare({ folders, slowdown: 1.5 });
    expect(comparison.changed).to.deep.include({ runs: [] });
    expect(verdict.reasons.map(({ says }) => says).join(' ')).to.include('it ended early (not-steady)');
  });

  it('refuses runs of two plans, and three subjects', async () => {
    const refuses = async (folders: readonly RunFolderOnDisk[], says: RegExp): Promise<void> => {
      const error: unknown = await compare({ folders, slowdown: 1.5 }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(HarnessError).with.property('code', 'SQ_USAGE');
      expect((error as Error).message).to.match(says);
    };
    const first = await store(0, { commit: 'a' });
    await refuses([first, await store(1, { plan: 'another' })], /the plan another/);
    await refuses([first, await store(2, { commit: 'b' }), await store(3, { commit: 'c' })], /3 subjects/);
    await refuses([], /no runs/);
  });

  it('reads each run once: the index holds the others, and is made again when it is gone', async () => {
    await storeAll(3, 0, {});
    const first = await readRuns(runFoldersIn(reports), openRunIndex(reports));
    expect(first).to.have.length(3);
    expect(await readdir(reports)).to.include('index.ndjson');
    await new RunFolderOnDisk(join(reports, first[0]?.id ?? '')).write('analysis.json', 'torn');
    expect(await readRuns(runFoldersIn(reports), openRunIndex(reports))).to.deep.equal(first);
    rmSync(join(reports, 'index.ndjson'));
    expect(await readRuns(runFoldersIn(reports), openRunIndex(reports))).to.have.length(2);
  });

  it('puts what is said of the subject beside what was found, once', async () => {
    const found = await must<Subject>('subject.json');
    const [image = ''] = found.images;
    const said = await readGivenSubject([
      `commit=abc chart=keystone@1.2.3 image=${image}`,
      'values=package.json',
      'ticket=7',
    ]);
    const subject = joinSubject(found, said);
    expect(subject.images).to.deep.equal(found.images);
    expect(subject).to.deep.include({
      commit: 'abc',
      charts: [{ name: 'keystone', version: '1.2.3' }],
      given: { ticket: '7' },
    });
    expect(subject.values?.[0]?.digest).to.match(/^sha256:[0-9a-f]{64}$/);
    expect(joinSubject(found)).to.deep.equal(found);
    for (const wrong of ['nothing', 'chart=keystone', 'values=not-there', '=x']) {
      const error: unknown = await readGivenSubject([wrong]).catch((thrown: unknown) => thrown);
      expect(error, wrong).to.be.instanceOf(HarnessError).with.property('code', 'SQ_USAGE');
    }
  });
});
