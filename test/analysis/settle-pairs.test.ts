import { expect } from 'chai';
import { describe, it } from 'mocha';
import { analyseProbe } from '../../src/analysis/analyse-probe.ts';
import { settlePairs } from '../../src/analysis/settle-pairs.ts';
import { togetherOf } from '../../src/analysis/together.ts';
import type { Analysis, ProbeAnalysis } from '../../src/model/analysis.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { InjectionRecord } from '../../src/model/injection.ts';
import type { ProbeSeries, Sample } from '../../src/model/observation.ts';
import type { ProbePart } from '../../src/model/plan.ts';
import { chosenProbes } from '../../src/verdict/per-probe.ts';
import { applyRunRules } from '../../src/verdict/run-rules.ts';
import { whyUnseen } from '../../src/verdict/unseen.ts';
import { sample, seriesOf, spec } from '../measure/sample-series.ts';

const WAY: ProbePart = { of: 'pods', from: 'a', to: 'b' };
const CONTROL: ProbePart = { of: 'pods', to: 'b' };

const bad = { outcome: 'failed', phase: 'connect', status: 0 } as const;
const away = { outcome: 'unknown', phase: 'harness', cause: 'vantage', status: 0 } as const;

/** 100 samples, one each 10 ms, of which some are not good. */
const series = (part: ProbePart, from: number, to: number, what: Partial<Sample>): ProbeSeries => {
  const samples = Array.from({ length: 100 }, (_, n) => sample(n, n >= from && n < to ? what : {}));
  return seriesOf(samples, 1000, { name: `pods/${part.from ?? 'host'}>${part.to}`, part });
};
const settled = (way: ProbeSeries, control: ProbeSeries): readonly Sample[] =>
  settlePairs([control, way])[1]?.samples ?? [];
const failed = (samples: readonly Sample[]): number[] =>
  samples.filter(({ outcome }) => outcome === 'failed').map(({ n }) => n);

const power = (node: string, ms: number): InjectionRecord =>
  ({
    injected: { clock: 'host:test', earliestNs: ms * 1e6, latestNs: ms * 1e6 },
    targets: [{ node }],
  }) as unknown as InjectionRecord;

describe('ways between pods, and their controls', () => {
  it('are down where both pods answer and the way does not', () => {
    const samples = settled(series(WAY, 40, 50, bad), series(CONTROL, 0, 0, bad));
    expect(failed(samples)).to.deep.equal([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
  });

  it('are unseen while the pod that is asked does not answer from here either, its edges included', () => {
    const samples = settled(series(WAY, 40, 50, bad), series(CONTROL, 41, 50, bad));
    expect(failed(samples)).to.deep.equal([]);
    expect(samples[44]).to.include({ outcome: 'unknown', cause: 'vantage' });
    // The pod came back long before the way did, by more than a timeout and a period: the rest is the way's.
    const late = failed(settled(series(WAY, 40, 60, bad), series(CONTROL, 40, 45, bad)));
    expect(late).to.deep.equal([55, 56, 57, 58, 59]);
  });

  it('leave what was answered well alone, and every other probe', () => {
    const other = seriesOf([sample(0, bad)], 1000);
    const [, way, same] = settlePairs([series(CONTROL, 0, 100, bad), series(WAY, 0, 0, bad), other]);
    expect(way?.samples.every(({ outcome }) => outcome === 'ok')).to.equal(true);
    expect(same).to.equal(other);
  });

  it('say nothing of a way without a control', () => {
    expect(failed(settlePairs([series(WAY, 40, 50, bad)])[0]?.samples ?? [])).to.deep.equal([]);
  });

  const judged = (way: ProbeSeries, injections: readonly InjectionRecord[]): ProbeAnalysis =>
    analyseProbe(way, 0, injections);

  it('set aside what was away after the plan had hurt one of the nodes, and only that', () => {
    const way = series(WAY, 40, 60, away);
    for (const node of ['a', 'b']) {
      const found = judged(way, [power(node, 395)]);
      expect(found.awayRatio).to.be.closeTo(0.21, 0.001);
      expect(found.unseenRatio).to.be.closeTo(0, 1e-9);
      expect(whyUnseen(found, 0.02)).to.equal(undefined);
    }
    for (const none of [[], [power('c', 395)], [power('a', 700)]]) {
      const found = judged(way, none);
      expect(found).not.to.have.property('awayRatio');
      expect(whyUnseen(found, 0.02)).to.include('unseen');
    }
  });

  it('have no outage where they were away, and have the one that came after it', () => {
    const quiet = judged(series(WAY, 40, 60, away), [power('b', 395)]);
    expect(quiet.longestOutage.max).to.equal(0);
    expect(judged(series(WAY, 40, 60, away), []).longestOutage.max).to.be.above(200);
    const samples = Array.from({ length: 100 }, (_, n) =>
      sample(n, n >= 40 && n < 60 ? away : n >= 70 && n < 80 ? bad : {}),
    );
    const after = judged(seriesOf(samples, 1000, { part: WAY }), [power('b', 395)]);
    expect(after.longestOutage.min).to.be.closeTo(90, 15);
    expect(after.longestOutage.max).to.be.closeTo(110, 15);
  });

  it('are each a question of its own, though all are asked of one endpoint', () => {
    const asked = [series(WAY, 0, 0, bad), series({ ...WAY, to: 'c' }, 0, 0, bad)];
    expect(togetherOf(asked)).to.deep.equal({});
  });

  it('do not set aside what the prober itself did not see', () => {
    const lost = { outcome: 'unknown', phase: 'harness', cause: 'lost', status: 0 } as const;
    expect(judged(series(WAY, 40, 60, lost), [power('a', 395)])).not.to.have.property('awayRatio');
  });

  it('cannot be judged when they were away for most of the time', () => {
    expect(whyUnseen(judged(series(WAY, 20, 90, away), [power('a', 195)]), 0.02)).to.include('away');
  });

  it('are what the prober owes of a probe between nodes: not having looked is told of each, and of none at all', () => {
    const reasons = (parts: readonly ProbeSeries[]): readonly string[] => {
      const evidence = {
        plan: {
          probes: [spec({ name: 'pods' })],
          objectives: [],
          conformance: {},
          limits: { maxUnseen: 0.02 },
        },
        chaos: { injections: [], steps: [] },
        end: { reason: 'complete' },
        openFaults: [],
        leftovers: [],
        conformance: [],
      } as unknown as Evidence;
      const probes = parts.map((one) => judged(one, []));
      return applyRunRules(evidence, { probes } as unknown as Analysis).map(({ says }) => says);
    };
    expect(reasons([])).to.deep.equal(['The prober could not keep looking: pods has no samples at all.']);
    expect(reasons([series(WAY, 0, 0, away), series(CONTROL, 10, 60, away)])).to.deep.equal([]);
    expect(reasons([series(WAY, 10, 60, away)]).join()).to.include('pods/a>b has');
  });

  it('are what an objective means by the probe of the plan; a control never is', () => {
    const analysis = {
      probes: [series(CONTROL, 0, 0, bad), series(WAY, 0, 0, bad)].map((one) => analyseProbe(one)),
    } as never;
    for (const parameters of [{}, { probe: 'pods' }, { probe: 'pods/a>b' }])
      expect(
        chosenProbes(analysis, { name: 'x', objective: 'availability', parameters }).map(
          ({ probe }) => probe,
        ),
      ).to.deep.equal(['pods/a>b']);
    const named = { name: 'x', objective: 'availability', parameters: { probe: 'pods/host>b' } };
    expect(chosenProbes(analysis, named)).to.have.length(1);
  });
});
