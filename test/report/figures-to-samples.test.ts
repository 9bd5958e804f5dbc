import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import { analyse } from '../../src/analysis/index.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { ProbeSeries, Sample } from '../../src/model/observation.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';
import { buildReportDocument, type ReportDocument, type ReportInput } from '../../src/report/index.ts';
import { traceOf } from '../../src/report/match-trace.ts';
import { reportHtml } from '../../src/report/reporters/report-html.tsx';
import { traceFigures } from '../../src/report/trace-figures.ts';
import { readEvidence } from '../../src/run/read-evidence.ts';
import { judge } from '../../src/verdict/index.ts';
import { realisticInput } from './fixture.ts';
import { recompute, type Expected } from './recompute-figures.ts';

const EXAMPLE = 'reports/example';

/** Figures that stand for others, or are tested where they are made: of all probes together, and of rules. */
const ELSEWHERE =
  /^\/(users|objectives|durability)\/|^\/history\/measures\/\d+\/now\/min$|\/(performanceBack|onReturn)$/;

interface Judged {
  readonly input: ReportInput;
  readonly document: ReportDocument;
  /** Every number that the page shows: its place in report.json, and what it says exactly. */
  readonly shown: readonly { readonly pointer: string; readonly value: string }[];
}

async function judged(evidence: Evidence): Promise<Judged> {
  const analysis = analyse(evidence);
  const input = { evidence, analysis, verdict: judge(evidence, analysis) };
  const html = String(await reportHtml.render(input));
  const shown = [...html.matchAll(/<data class="figure" value="([^"]*)" data-at="([^"]*)">/g)].map(
    ([, value = '', pointer = '']) => ({ pointer, value }),
  );
  return { input, document: buildReportDocument(input), shown };
}

function compare(
  { pointer, value }: { pointer: string; value: string },
  expected: Expected | undefined,
): string[] {
  const [from = '', to = from] = (value.split(' ')[0] ?? '').split('..');
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));
  if (expected === undefined) return [`${pointer}: nobody knows how it comes out of the evidence`];
  const { min, max } = typeof expected === 'number' ? { min: expected, max: expected } : expected;
  const wrong =
    (min !== undefined && !near(Number(from), min)) || (max !== undefined && !near(Number(to), max));
  return wrong ? [`${pointer}: the page says ${value}, the evidence ${JSON.stringify(expected)}`] : [];
}

/** A series of one probe with outages where chance puts them. */
function drawnSeries(seed: string, index: number): ProbeSeries {
  const random = seededRandom(`${seed}/${index}`);
  const [model] = realisticInput().evidence.series;
  if (model === undefined) throw new Error('The fixture has no series.');
  const { plannedNs: startNs = 0 } = model.samples[0] ?? {};
  const periodNs = 100e6;
  let failing = false;
  const samples = Array.from({ length: 200 + random.integer(200) }, (_, n): Sample => {
    if (random.next() < 0.04 && n > 40) failing = !failing;
    const plannedNs = startNs + n * periodNs;
    const sentNs = plannedNs + random.integer(3e6);
    const answered = random.next() < 0.5;
    return {
      n,
      plannedNs,
      sentNs,
      completedNs: sentNs + 1e6 + random.integer(60e6),
      outcome: failing ? 'failed' : 'ok',
      impaired: random.next() < 0.02,
      status: failing ? (answered ? 503 : 0) : 200,
      ...(failing ? { phase: answered ? ('status' as const) : ('connect' as const) } : {}),
    };
  });
  const probe = { ...model.probe, name: `drawn-${index}`, endpoint: 'kubernetes' };
  return { ...model, probe, samples, startNs, endNs: startNs + samples.length * periodNs };
}

describe('numbers of the page', () => {
  let example: Judged;

  before(async () => {
    example = await judged(await readEvidence(new RunFolderOnDisk(EXAMPLE)));
  });

  it('of a real run come out of its stored evidence again, each of them', () => {
    const { shown, document, input } = example;
    expect(shown.length).to.be.greaterThan(150);
    const traced = shown.filter(
      ({ pointer }) => !ELSEWHERE.test(pointer) && !/windows\/\d+\/worst$/.test(pointer),
    );
    expect(traced.length).to.be.greaterThan(120);
    const wrong = traced.flatMap((one) => compare(one, recompute(one.pointer, document, input.evidence)));
    expect(wrong.join('\n')).to.equal('');
  });

  it('each have a trace to files that are in the run folder', async () => {
    const { shown, document } = example;
    const present = await new RunFolderOnDisk(EXAMPLE).list('');
    const traces = traceFigures(document);
    const wrong = shown.flatMap(({ pointer }) => {
      const trace = traceOf(traces, pointer);
      if (trace === undefined) return [`${pointer} has no trace`];
      return trace.files
        .map((file) => file.replace(/#.*$/, ''))
        .filter((file) => !present.some((one) => new RegExp(`^${file.replaceAll('*', '.*')}`).test(one)))
        .map((file) => `${pointer} is traced to ${file}, which is not there`);
    });
    expect(wrong.join('\n')).to.equal('');
  });

  it('of drawn runs come out of their samples again, ten at random', async function () {
    const seed = process.env.SQUALL_TEST_SEED ?? String(randomInt(1e9));
    process.stdout.write(`      seed of the ten numbers: ${seed} (SQUALL_TEST_SEED)\n`);
    // Without a method, for what a prober has not seen of one is unseen.
    const { chaos: _chaos, ...evidence } = realisticInput().evidence;
    const series = [0, 1, 2].map((index) => drawnSeries(seed, index));
    const run = await judged({ ...evidence, series, stalls: [] });
    const numbers = run.shown.filter(
      ({ pointer }) => pointer.startsWith('/probes/') && !pointer.includes('/windows/'),
    );
    const picked = seededRandom(seed).pick(numbers, 10);
    expect(picked).to.have.length(10);
    const wrong = picked.flatMap((one) =>
      compare(one, recompute(one.pointer, run.document, run.input.evidence)),
    );
    expect(wrong.join('\n'), `seed ${seed}`).to.equal('');
  });
});
