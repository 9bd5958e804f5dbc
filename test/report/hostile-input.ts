import type { ReportInput } from '../../src/report/reporter.ts';
import { realisticInput } from './fixture.ts';

/** Texts that a server, a plan or a suite may bring along. */
export const HOSTILE_NAMES: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=https://evil.example/x onerror=alert(1)>',
  'a]]></system-out><failure message="forged"/>',
  '</style><style>@import url(https://evil.example/x.css);</style>',
  '| a | b |\n\n# forged heading\n[link](https://evil.example) ![x](https://evil.example/y.png) @everyone #1 `code`',
  'bell\u0007 escape\u001b[31mred\u001b]8;;https://evil.example\u0007link null\u0000 delete\u007f next\u0085',
  'reordered \u202e txet \u2066 lone \ud800 half \ufffe',
  `long-${'x'.repeat(10_000)}`,
  `spaced ${'word '.repeat(2_000)}`,
  '',
];

/** The realistic run with a hostile text in every place where a foreign text may stand. */
export function hostileInput(name: string): ReportInput {
  const { evidence, analysis, verdict } = realisticInput();
  const reason = { truth: 'fail' as const, class: 'system' as const, says: name, evidence: [name] };
  return {
    evidence: {
      ...evidence,
      run: { ...evidence.run, id: name, seed: name, host: name, commandLine: [name] },
      plan: { ...evidence.plan, name, learns: name, parameters: { [name]: name } },
      ...(evidence.topologyBefore && {
        topologyBefore: {
          ...evidence.topologyBefore,
          disclosures: [name],
          nodes: evidence.topologyBefore.nodes.map((node) => ({ ...node, name, roles: [name] })),
          timers: [{ name, value: { ms: 5 }, source: name }],
          services: evidence.topologyBefore.services.map((service) => ({ ...service, id: name })),
          live: { ...evidence.topologyBefore.live, holders: [{ what: name, node: name }] },
        },
      }),
      ...(evidence.subject && {
        subject: { ...evidence.subject, commit: name, images: [name], charts: [{ name, version: name }] },
      }),
      series: evidence.series.map((series) => ({
        ...series,
        probe: { ...series.probe, name, endpoint: name, vantage: name },
      })),
      conformance: evidence.conformance.map((stage) => ({
        ...stage,
        results: stage.results.map((result) => ({
          ...result,
          id: name,
          title: name,
          suite: name,
          outcome: 'failed' as const,
          reason: name,
          details: name,
        })),
      })),
      ...(evidence.chaos && {
        chaos: {
          ...evidence.chaos,
          stopped: { by: 'guard' as const, says: name },
          injections: evidence.chaos.injections.map((injection) => ({
            ...injection,
            step: name,
            fault: name,
            proof: [name],
            trouble: name,
            targets: injection.targets.map((target) => ({ ...target, name })),
            ...(injection.verifiedHealed && {
              verifiedHealed: { ...injection.verifiedHealed, ok: false, says: name, differences: [name] },
            }),
          })),
        },
      }),
      events: evidence.events.map((event) => ({
        ...event,
        watcher: name,
        change: name,
        about: name,
        was: name,
        is: name,
      })),
      leftovers: [
        {
          entry: { system: 'openstack', collection: name, name, createdBy: name },
          fault: 'ours',
          swept: false,
          says: name,
        },
      ],
      openFaults: [name],
      end: {
        ...evidence.end,
        error: { code: 'SQ_INTERNAL', says: name, remedy: name, exitCode: 70 },
        furtherErrors: [name],
      },
    },
    analysis: {
      ...analysis,
      probes: analysis.probes.map((probe) => ({ ...probe, probe: name, endpoint: name })),
      ...(analysis.durability && {
        durability: analysis.durability.map((one) => ({ ...one, probe: name })),
      }),
      ...(analysis.calibration && {
        calibration: {
          ...analysis.calibration,
          rungs: analysis.calibration.rungs.map((rung) => ({ ...rung, says: name })),
          flatUpTo: {
            times: 1,
            perSecond: 1,
            probes: [{ probe: name, everyMs: 1, surelySeenMs: 1, bracketMs: 1 }],
          },
        },
      }),
      ...(analysis.history && {
        history: {
          runs: analysis.history.runs.map((run) => ({ ...run, run: name, startedWall: name, end: name })),
          measures: analysis.history.measures.map((measure) => ({
            ...measure,
            id: name,
            title: name,
            earlier: measure.earlier.map((value) => ({ ...value, run: name })),
          })),
          otherSubject: { run: name, truth: 'fail' as const, differences: [`- ${name}`] },
        },
      }),
      recoveries: analysis.recoveries.map((recovery) => ({
        ...recovery,
        step: name,
        fault: name,
        injection: name,
        felt: recovery.felt.map((felt) => ({ ...felt, probe: name })),
        phases: recovery.phases.map((phase) => ({ ...phase, source: name })),
        ...(recovery.predicted && { predicted: { ...recovery.predicted, because: [name] } }),
      })),
    },
    verdict: {
      ...verdict,
      truth: 'fail',
      headline: name,
      reasons: [reason],
      objectives: verdict.objectives.map((objective) => ({
        ...objective,
        id: name,
        objective: name,
        expected: name,
        found: name,
        reasons: [reason],
      })),
    },
  };
}
