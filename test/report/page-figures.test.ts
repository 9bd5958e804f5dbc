import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Figure } from '../../src/model/verdict.ts';
import { buildReportDocument } from '../../src/report/index.ts';
import { reportHtml } from '../../src/report/reporters/report-html.tsx';
import { formatFigure, formatNumber } from '../../src/report/wording.ts';
import { cutShortInput, realisticInput } from './fixture.ts';

/** Follows a JSON pointer (RFC 6901) whose parts hold nothing that is escaped. */
function follow(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key],
      document,
    );
}

const isFigure = (value: unknown): value is Figure =>
  typeof value === 'object' && value !== null && 'min' in value;

describe('figures of the page', () => {
  it('are those of report.json, both in their text and in their value', async () => {
    const input = realisticInput();
    const html = String(await reportHtml.render(input));
    const json: unknown = JSON.parse(JSON.stringify(buildReportDocument(input)));
    const shown = [
      ...html.matchAll(/<data class="figure" value="([^"]*)" data-at="([^"]*)">([^<]*)<\/data>/g),
    ];
    expect(shown.length).to.equal(html.match(/<data /g)?.length);
    expect(shown.length).to.be.greaterThan(90);
    for (const [, value = '', pointer = '', text = ''] of shown) {
      const found = follow(json, pointer);
      if (isFigure(found)) {
        expect(value, pointer).to.equal(`${found.min}..${found.max} ${found.unit}`);
        expect(text, pointer).to.equal(formatFigure(found));
      } else {
        expect(found, pointer).to.be.a('number');
        const unit = value.split(' ')[1] as Figure['unit'];
        expect(value, pointer).to.equal(`${String(found)} ${unit}`);
        expect(text, pointer).to.equal(formatNumber(Number(found), unit));
      }
    }
  });

  it('of the lanes are those of their probes', async () => {
    const html = String(await reportHtml.render(realisticInput()));
    const lanes = html.split('class="row lane"').slice(1);
    expect(lanes).to.have.length(6);
    lanes.forEach((lane, index) => {
      expect(lane.slice(0, lane.indexOf('class="row '))).to.include(`data-at="/probes/${index}/totalOutage"`);
    });
  });

  it('of ways between nodes that were never down, and of their controls, are in the table alone', async () => {
    const input = realisticInput();
    const [first, second, third, ...rest] = input.analysis.probes;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('There are no three.');
    const quiet = { outages: 0, unseenRatio: 0 };
    const probes = [
      { ...first, ...quiet, part: { of: 'pods', from: 'a', to: 'b' }, awayRatio: 0.1 },
      { ...second, outages: 1, part: { of: 'pods', from: 'b', to: 'a' } },
      { ...third, outages: 1, part: { of: 'pods', to: 'a' } },
      ...rest,
    ];
    const html = String(await reportHtml.render({ ...input, analysis: { ...input.analysis, probes } }));
    expect(html.split('class="row lane"').slice(1)).to.have.length(4);
    expect(html).to.match(/1 way between nodes was\s+never down.*A node of 1 of them had been hurt/s);
  });

  it('are counted in report.json from the start of the run', () => {
    const document = buildReportDocument(realisticInput());
    expect(document.windowMs).to.deep.equal([2_000, 52_000]);
    expect(document.faults.map((fault) => fault.injectedMs)).to.deep.equal([
      [7_000, 7_140],
      [16_100, 16_230],
      [34_000, 34_220],
    ]);
    expect(document.glance).to.deep.include({ faults: { injected: 3, owed: 2, healed: 2 } });
    expect(document.glance.longestOutage).to.deep.equal({
      probe: 'keystone-token',
      figure: { min: 2_000, max: 2_200, unit: 'ms' },
    });
  });
});

describe('the page', () => {
  it('draws uncertain edges, the unseen and the impaired stretch as such', async () => {
    const html = String(await reportHtml.render(realisticInput()));
    const timeline = html.slice(html.indexOf('class="board"'), html.indexOf('class="legend"'));
    expect(timeline.match(/class="down"/g)).to.have.length(7);
    expect(timeline.match(/class="unsure"/g)).to.have.length(14);
    expect(timeline.match(/class="unseen"/g)).to.have.length(1);
    expect(timeline.match(/class="impaired"/g)).to.have.length(1);
    expect(timeline.match(/class="band"/g)).to.have.length(3);
    expect(timeline.match(/class="change (moved|went|back|other)"/g)).to.have.length(8);
    expect(timeline.match(/class="change moved"/g)).to.have.length(3);
    expect(timeline.match(/class="phase( odd| )?"/g)).to.have.length(5);
    expect(timeline.match(/class="envelope"/g)).to.have.length(6);
  });

  it('draws every edge of every outage from its earliest to its latest moment', async () => {
    const input = realisticInput();
    const html = String(await reportHtml.render(input));
    const timeline = html.slice(html.indexOf('class="board"'), html.indexOf('class="legend"'));
    const drawn = [...timeline.matchAll(/class="unsure"[^>]* x="([\d.]+)%" width="([\d.]+)%"/g)].map(
      ([, x, width]) => [Number(x), Number(width)],
    );
    const edges = buildReportDocument(input)
      .probes.flatMap((probe) => probe.intervals)
      .filter((interval) => interval.state === 'down')
      .flatMap(({ startMs, endMs }) => [startMs, endMs]);
    // The judged stretch is 50 s long and starts at 2 s, so 1 % is 500 ms.
    expect(drawn).to.deep.equal(
      edges.map(([earliest, latest]) =>
        [(earliest - 2_000) / 500, (latest - earliest) / 500].map((part) => Number(part.toFixed(3))),
      ),
    );
  });

  it('sets the run beside the last ones, what got worse first', async () => {
    const html = String(await reportHtml.render(realisticInput()));
    const head = html.slice(html.indexOf('<h1'), html.indexOf('id="timeline"'));
    expect(head).to.match(/Since last time\.[\s\S]*more than in each of the 7 earlier runs/);
    const section = html.slice(html.indexOf('id="history"'), html.indexOf('id="availability"'));
    const words = [...section.matchAll(/(more than in each before|as before|cannot be told)/g)];
    expect(words.map(([word]) => word)).to.deep.equal([
      'more than in each before',
      'as before',
      'cannot be told',
    ]);
    const charts = section.split('class="history-chart"').slice(1);
    expect(charts.map((chart) => chart.match(/<g class="history-earlier/g)?.length)).to.deep.equal([7, 7, 2]);
    expect(charts[0]).to.include('history-now more');
    expect(charts[2]).to.include('history-now open');
  });

  it('says at which rates the system still answered evenly', async () => {
    const input = realisticInput();
    const html = String(await reportHtml.render(input));
    const section = html.slice(html.indexOf('id="calibration"'), html.indexOf('id="topology"'));
    expect(section).to.include('The rate of the plan leaves the system as it is.');
    for (const words of ['what the others are held against', 'as fast as there', 'surely slower'])
      expect(section).to.include(words);
    expect(section).to.include('keystone-token was surely slower.');
    const { calibration: _calibration, ...analysis } = input.analysis;
    expect(String(await reportHtml.render({ ...input, analysis }))).not.to.include('id="calibration"');
  });

  it('tells a run that ended before anything was measured', async () => {
    const { evidence, verdict } = cutShortInput();
    const html = String(
      await reportHtml.render({
        evidence: { ...evidence, stalls: [], end: { ...evidence.end, reason: 'refused' } },
        analysis: {
          schemaVersion: 1,
          window: { fromNs: 0, toNs: 0 },
          probes: [],
          recoveries: [],
          conformance: [],
        },
        verdict: { ...verdict, reasons: [] },
      }),
    );
    for (const part of [
      'did not come to its end: refused',
      'Nothing was injected',
      'No conformance stage was run',
    ]) {
      expect(html).to.include(part);
    }
    expect(html).not.to.match(/NaN|[^.=]undefined|class="timeline"/);
  });
});
