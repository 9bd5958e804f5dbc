import { expect } from 'chai';
import { describe, it } from 'mocha';
import { analyse } from '../../src/analysis/index.ts';
import type { CaseResult, ConformanceResults } from '../../src/model/conformance.ts';
import {
  buildReportDocument,
  terminalSummary,
  writeReports,
  type ReportInput,
} from '../../src/report/index.ts';
import { agreementMarkdown } from '../../src/report/reporters/agreement-markdown.ts';
import { allureResults } from '../../src/report/reporters/allure-results.ts';
import { junitXml } from '../../src/report/reporters/junit-xml.ts';
import { realisticInput } from './fixture.ts';
import { folderInMemory } from './folder-in-memory.ts';

const LABEL = 'tempest.api.x.ClassY.test_z[id-1]';
const REASON = 'ValueError: | `x` <script> @everyone password=hunter2hunter2';

/** A run of our cases beside those of Tempest, one of which failed. */
function bothEngines(): ReportInput {
  const base = realisticInput();
  const [first] = base.evidence.conformance;
  const [result] = first?.results ?? [];
  if (first === undefined || result === undefined) throw new Error('The fixture has no conformance.');
  const own: ConformanceResults = {
    ...first,
    stage: 'alone',
    results: first.results.map((one, index): CaseResult => ({
      ...one,
      stage: 'alone',
      ...(index === 0 ? { covers: [LABEL] } : {}),
    })),
  };
  const theirs: CaseResult = {
    ...result,
    id: 'tempest/api.x.ClassY/test_z',
    title: 'z',
    suite: 'tempest/api.x.ClassY',
    stage: 'tempest',
    covers: [LABEL],
    outcome: 'failed',
    reason: REASON,
    details: 'Traceback',
  };
  const tempest: ConformanceResults = {
    ...first,
    stage: 'tempest',
    planned: [{ id: theirs.id, title: 'z', tags: [], needs: [], covers: [LABEL] }],
    results: [theirs],
    engine: { version: 'Tempest 47.0.0', notes: ['Nothing is asked inside a guest.'] },
  };
  const evidence = { ...base.evidence, conformance: [own, tempest] };
  return { ...base, evidence, analysis: analyse(evidence) };
}

describe('results of Tempest in the reports', () => {
  it('are in JUnit and Allure as our own are', async () => {
    const input = bothEngines();
    const xml = String(await junitXml.render(input));
    expect(xml).to.include('name="conformance tempest"');
    expect(xml).to.match(
      /classname="squall\.tempest\.tempest\.api\.x\.ClassY"[^>]*name="tempest\/api\.x\.ClassY\/test_z"/,
    );
    const files = allureResults.renderAll(input).map(({ content }) => content);
    const [found, ...more] = files.filter((content) => content.includes('tempest/api.x.ClassY/test_z'));
    expect(more).to.deep.equal([]);
    const test = JSON.parse(found ?? '{}') as { name: string; status: string; stop: number; start: number };
    expect(test).to.include({ name: 'z', status: 'failed' });
    expect(test.stop).to.be.at.least(test.start);
    // Those of our own cases are written by the lanes.
    expect(files.filter((content) => content.includes('"case alone'))).to.deep.equal([]);
  });

  it('are a stage of their own on the page and in the data', () => {
    const { stages } = buildReportDocument(bothEngines());
    expect(stages.map(({ stage }) => stage)).to.include.members(['alone', 'tempest']);
    expect(stages.find(({ stage }) => stage === 'tempest')).to.include({ planned: 1, failed: 1 });
    expect(stages.find(({ stage }) => stage === 'alone')?.notPassed.map(({ id }) => id)).not.to.include(
      'tempest/api.x.ClassY/test_z',
    );
  });

  it('are set beside our own in agreement.md, and in a line of the terminal', async () => {
    const { folder, files } = folderInMemory();
    const written = await writeReports(folder, bothEngines());
    expect(written.troubles).to.deep.equal([]);
    expect(written.files).to.include('agreement.md');
    const text = files.get('agreement.md') ?? '';
    expect(text).to.include('0 of 1 checks agree').and.to.include('Nothing is asked inside a guest');
    expect(text).to.match(
      /\| `tempest\.api\.x\.ClassY\.test_z\[id-1\]` \| `[^`]+` \| passed \| failed \| differ \|/,
    );
    expect(text).not.to.include('hunter2hunter2');
    expect(
      terminalSummary(bothEngines(), { colour: false, width: 100, folder: 'x' }).replace(/\s+/g, ' '),
    ).to.include('Beside Tempest 47.0.0: 0 of 1 checks agree (0 fail in both), 1 differ: ClassY.test_z;');
  });

  it('are not spoken of where Tempest did not run', async () => {
    expect(agreementMarkdown.renderAll(realisticInput())).to.deep.equal([]);
    const { folder, files } = folderInMemory();
    expect((await writeReports(folder, realisticInput())).files).not.to.include('agreement.md');
    expect(files.has('agreement.md')).to.equal(false);
  });
});
