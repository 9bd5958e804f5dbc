import { expect } from 'chai';
import { describe, it } from 'mocha';
import { buildReportDocument, writeReports, type ReportInput } from '../../src/report/index.ts';
import { ReportSchema } from '../../src/report/report-schema.ts';
import { allureResults } from '../../src/report/reporters/allure-results.ts';
import { openMetrics } from '../../src/report/reporters/open-metrics.ts';
import { cutShortInput, realisticInput } from './fixture.ts';
import { folderInMemory } from './folder-in-memory.ts';
import { HOSTILE_NAMES, hostileInput } from './hostile-input.ts';

interface Result {
  readonly uuid: string;
  readonly historyId: string;
  readonly name: string;
  readonly status: string;
  readonly start: number;
  readonly stop: number;
  readonly statusDetails: { readonly message?: string };
  readonly steps: readonly { readonly name: string; readonly status: string }[];
  readonly labels: readonly { readonly name: string; readonly value: string }[];
}

const resultsOf = (input: ReportInput): readonly Result[] =>
  allureResults
    .renderAll(input)
    .filter(({ file }) => file.endsWith('-result.json'))
    .map(({ content }) => JSON.parse(content) as Result);

const metricsOf = async (input: ReportInput): Promise<string> => String(await openMetrics.render(input));

describe('report.json', () => {
  const inputs = [realisticInput(), cutShortInput(), ...HOSTILE_NAMES.map((name) => hostileInput(name))];

  it('is what its schema says, with no field that the schema does not know', () => {
    for (const input of inputs) {
      const document = JSON.parse(JSON.stringify(buildReportDocument(input))) as unknown;
      expect(ReportSchema.parse(document)).to.deep.equal(document);
    }
  });

  it('is refused by its schema when a figure or the version is not one', () => {
    const document = buildReportDocument(realisticInput());
    expect(ReportSchema.safeParse({ ...document, schemaVersion: 2 }).success).to.equal(false);
    const probes = document.probes.map((probe) => ({ ...probe, availability: 0.99 }));
    expect(ReportSchema.safeParse({ ...document, probes }).success).to.equal(false);
  });
});

describe('every report of a run that was cut short', () => {
  it('is written', async () => {
    const { folder, files } = folderInMemory();
    const { troubles } = await writeReports(folder, cutShortInput());
    expect(troubles).to.deep.equal([]);
    expect(files.get('junit.xml')).to.match(/the run came to its end[\s\S]*<error message="SQ_STOPPED/);
    expect(files.get('metrics.txt')).to.include('squall_exit_code{plan="first-run"} 130\n');
    const [verdict] = resultsOf(cutShortInput());
    expect(verdict).to.include({ status: 'broken' });
  });
});

describe('Allure results', () => {
  it('has one for the verdict, each fault and each objective, with the times of the run', () => {
    const input = realisticInput();
    const results = resultsOf(input);
    const document = buildReportDocument(input);
    const suites = results.map(({ labels }) => labels.find(({ name }) => name === 'parentSuite')?.value);
    expect(suites.filter((suite) => suite === 'faults')).to.have.length(document.faults.length);
    expect(suites.filter((suite) => suite === 'objectives')).to.have.length(document.objectives.length);
    expect(suites.filter((suite) => suite === 'verdict')).to.have.length(1);
    const zero = Date.parse(document.run.startedWall);
    for (const { start, stop } of results) {
      expect(start).to.be.within(zero, zero + document.run.tookMs);
      expect(stop).to.be.within(start, zero + document.run.tookMs + 1000);
    }
    expect(
      results.find(({ steps }) => steps.length > 0)?.steps.map(({ name }) => name.split(':')[0]),
    ).to.include.members(['proof', 'inject']);
  });

  it('names each result once, and the same test in the next run again', () => {
    const input = realisticInput();
    const next = { ...input, evidence: { ...input.evidence, run: { ...input.evidence.run, id: 'another' } } };
    const [first, second] = [resultsOf(input), resultsOf(next)];
    expect(new Set(first.map(({ uuid }) => uuid)).size).to.equal(first.length);
    expect(second.map(({ historyId }) => historyId)).to.deep.equal(first.map(({ historyId }) => historyId));
    for (const { uuid } of second) expect(first.map((one) => one.uuid)).not.to.include(uuid);
  });

  it('tells of a planned case that no lane came to, and never as passed', () => {
    const input = realisticInput();
    const [before, ...others] = input.evidence.conformance;
    if (before === undefined) throw new Error('The fixture has stages.');
    const cut = { ...before, results: before.results.slice(0, -2) };
    const results = resultsOf({
      ...input,
      evidence: { ...input.evidence, conformance: [cut, ...others] },
    });
    const lost = results.filter(({ statusDetails }) =>
      statusDetails.message?.includes('no result of it was written'),
    );
    expect(lost.map(({ status }) => status)).to.deep.equal(['broken', 'broken']);
  });
});

describe('metrics.txt', () => {
  const SAMPLE = /^[a-z_]+\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\} -?[\d.e+-]+$/;

  it('has lines of samples after their type, each series once, and its end', async () => {
    for (const input of [
      realisticInput(),
      cutShortInput(),
      ...HOSTILE_NAMES.map((name) => hostileInput(name)),
    ]) {
      const text = await metricsOf(input);
      expect(text.endsWith('\n# EOF\n')).to.equal(true);
      const typed = new Set([...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name));
      const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      for (const line of samples) {
        expect(line).to.match(SAMPLE);
        expect(typed.has(line.slice(0, line.indexOf('{'))), line).to.equal(true);
      }
      const series = samples.map((line) => line.slice(0, line.lastIndexOf('}')));
      expect(new Set(series).size).to.equal(series.length);
    }
  });

  it('says the figures of report.json, in seconds', async () => {
    const input = realisticInput();
    const text = await metricsOf(input);
    for (const { step, fault, outage } of buildReportDocument(input).recoveries) {
      const line = `squall_recovery_seconds{plan="first-run",step="${step}",fault="${fault}",of="outage",edge="max"} ${outage.max / 1000}`;
      expect(text.split('\n')).to.include(line);
    }
    expect(text).to.match(/squall_verdict\{plan="first-run",truth="pass"\} 1\n/);
    expect(text).to.match(/squall_verdict\{plan="first-run",truth="fail"\} 0\n/);
  });
});
