import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { openRunIndex, runFoldersIn } from '../../src/entries/run-index.ts';
import type { EarlierRuns } from '../../src/model/history.ts';
import type { ProgressEvent } from '../../src/ports/progress.ts';
import { conclude } from '../../src/run/conclude.ts';
import { readEvidence } from '../../src/run/read-evidence.ts';
import type { World } from '../../src/run/world.ts';
import { writeHistory } from '../../src/run/write-history.ts';
import { storeRun, type Change } from './store-run.ts';

describe('the runs before this one', () => {
  let reports: string;
  const told: ProgressEvent[] = [];
  beforeEach(() => {
    reports = mkdtempSync(join(tmpdir(), 'squall-history-'));
    told.length = 0;
  });
  afterEach(() => rmSync(reports, { recursive: true }));

  const store = (n: number, change: Change = {}): Promise<RunFolderOnDisk> => storeRun(reports, n, change);

  async function historyFor(folder: RunFolderOnDisk, beside = true): Promise<EarlierRuns | undefined> {
    const world = {
      folder,
      lab: { name: 'rehearsal' },
      progress: { report: (event: ProgressEvent) => void told.push(event) },
      ...(beside ? { beside: { folders: () => runFoldersIn(reports), index: openRunIndex(reports) } } : {}),
    } as unknown as World;
    await writeHistory(world, folder.path.split('/').at(-1) ?? '');
    return folder.readJson<EarlierRuns>('history.json');
  }

  it('are those of its plan and subject, without itself and what came later', async () => {
    await store(0);
    await store(1, { plan: 'another' });
    await store(2, { commit: 'other' });
    await store(3);
    const own = await store(4);
    await store(5);
    const found = await historyFor(own);
    expect(found?.runs.map(({ id }) => id.slice(-7, -5))).to.deep.equal(['00', '03']);
    expect(found).not.to.have.property('otherSubject');
    expect(told).to.deep.equal([]);
  });

  it('say so when the last one tested another subject', async () => {
    await store(0, { commit: 'old' });
    const found = await historyFor(await store(1, { commit: 'new' }));
    expect(found?.runs).to.deep.equal([]);
    expect(found?.otherSubject).to.deep.include({ differences: ['- commit old', '+ commit new'] });
  });

  it('are not looked for where nobody says where they lie, and no run fails for them', async () => {
    const own = await store(1);
    expect(await historyFor(own, false)).to.equal(undefined);
    const broken = {
      folder: own,
      lab: { name: 'rehearsal' },
      progress: { report: (event: ProgressEvent) => void told.push(event) },
      beside: {
        index: openRunIndex(reports),
        folders: () => {
          throw new Error('No such folder.');
        },
      },
    } as unknown as World;
    await writeHistory(broken, 'x');
    expect(told).to.have.length(1);
    expect(JSON.stringify(told[0])).to.include('No such folder');
  });

  it('are told in every report, and concluding again gives the same bytes', async () => {
    await store(0);
    await store(1);
    const own = await store(2);
    await historyFor(own);
    await conclude(await readEvidence(own), own);
    const [json = '', page = '', summary = ''] = await Promise.all(
      ['report.json', 'report.html', 'summary.md'].map((name) => own.readText(name)),
    );
    expect(json).to.include('"history"');
    for (const text of [page, summary]) expect(text).to.match(/Since last time/);
    // What lies beside it changes, and what was concluded does not.
    await store(3, { slower: 3 });
    await conclude(await readEvidence(own), own);
    expect(await own.readText('report.json')).to.equal(json);
    expect(await own.readText('report.html')).to.equal(page);
  });
});
