import { z } from 'zod';
import { REPORT_SCHEMA_VERSION } from './report-document.ts';

const truth = z.enum(['pass', 'fail', 'unknown']);
const text = z.string();
const texts = z.array(text);
const count = z.int().nonnegative();
const moment = z
  .tuple([z.number(), z.number()])
  .describe('Milliseconds since the start: [earliest, latest].');
const figure = z
  .object({ min: z.number(), max: z.number(), unit: z.enum(['ms', 'ratio', 'count']) })
  .describe('The truth lies in [min, max], both included.');
const reason = z.object({
  truth,
  class: z.enum(['system', 'injection', 'healing', 'measuring', 'leak']),
  says: text,
  evidence: texts.describe('Files in the run folder, with a #fragment where one helps.'),
});
const counts = {
  planned: count,
  passed: count,
  failed: count,
  skipped: count.describe('The sum of the two below, where they are there.'),
  notForLab: count.optional().describe('The lab lacks an ability that these need.'),
  skippedOtherwise: count.optional(),
  unknown: count,
};
const seen = z.object({ ok: z.boolean(), says: text });
const percentiles = z.object({ p50: z.number(), p99: z.number(), max: z.number() });

const objective = z.object({
  id: text,
  objective: text,
  truth,
  expected: text,
  found: text,
  figure: figure.optional(),
  reasons: z.array(reason),
});

const fault = z.object({
  id: text,
  step: text,
  fault: text,
  targets: texts,
  from: texts,
  lasts: z.boolean(),
  end: text,
  injectedMs: moment.optional(),
  healedMs: moment.optional(),
  verified: seen.optional(),
  verifiedHealed: seen.extend({ differences: texts }).optional(),
  proof: texts,
  trouble: text.optional(),
});

const recovery = z.object({
  injection: text,
  step: text,
  fault: text,
  outage: figure,
  felt: z.array(z.object({ probe: text, outage: figure })),
  serviceBack: figure.optional(),
  redundancyBack: figure.optional(),
  performanceBack: figure.optional(),
  onReturn: figure.optional(),
  againstPrediction: z.enum(['inside', 'shorter', 'longer', 'unknown']),
  predicted: z.object({ outage: figure, redundancy: figure, because: texts }).optional(),
  phases: z.array(z.object({ name: text, startMs: moment, endMs: moment, source: text })),
});

const windows = z.array(z.object({ windowMs: z.number(), worst: figure }));

const probe = z.object({
  probe: text,
  endpoint: text,
  vantage: text.optional(),
  part: z
    .object({ of: text, from: text.optional(), to: text, by: z.enum(['http', 'tcp']).optional() })
    .optional(),
  everyMs: z.number().optional(),
  windows: windows.optional(),
  availability: figure,
  requestRatio: figure,
  longestOutage: figure,
  totalOutage: figure,
  outages: count,
  unseenRatio: z.number(),
  awayRatio: z.number().optional(),
  impairedRatio: z.number(),
  samples: count,
  failures: count,
  latencyMs: percentiles.extend({ p95: z.number() }),
  latenessMs: percentiles,
  intervals: z.array(
    z.object({
      state: z.enum(['up', 'down', 'unseen']),
      startMs: moment,
      endMs: moment,
      impaired: z.boolean(),
      away: z.literal(true).optional(),
      samples: count,
      phase: text.optional(),
    }),
  ),
});

const users = z.object({ uptime: figure, windows });

const rungState = z.enum(['reference', 'flat', 'not-flat', 'unknown']);

const calibration = z.object({
  rungs: z.array(z.object({ times: z.number(), perSecond: z.number(), state: rungState, says: text })),
  planned: rungState,
  flatUpTo: z
    .object({
      times: z.number(),
      perSecond: z.number(),
      probes: z.array(
        z.object({ probe: text, everyMs: z.number(), surelySeenMs: z.number(), bracketMs: z.number() }),
      ),
    })
    .optional(),
});

const historyValue = z.object({
  min: z.number(),
  max: z.number().optional().describe('Absent where it was not over when the run ended.'),
  unit: z.enum(['ms', 'count']),
});

const history = z.object({
  says: texts.describe('What is different from last time.'),
  runs: z.array(z.object({ run: text, startedWall: text, truth, end: text })),
  measures: z.array(
    z.object({
      id: text,
      title: text,
      judged: z.boolean(),
      now: historyValue,
      earlier: z.array(historyValue.extend({ run: text })),
      spread: z.object({ lowest: z.number(), median: z.number(), highest: z.number() }).optional(),
      change: z.enum(['more', 'less', 'within', 'unknown']),
    }),
  ),
  otherSubject: z.object({ run: text, truth, differences: texts }).optional(),
});

const stage = z.object({
  stage: text,
  ...counts,
  troubles: count,
  lanes: count.optional(),
  startedMs: z.number().optional(),
  tookMs: z.number().optional(),
  notPassed: z.array(
    z.object({
      id: text,
      title: text,
      suite: text,
      outcome: z.enum(['failed', 'skipped', 'unknown']),
      reason: text,
      times: count,
    }),
  ),
});

const run = z.object({
  id: text,
  plan: text,
  learns: text,
  lab: text,
  seed: text,
  startedWall: text.describe('UTC, ISO 8601: the moment that all others count from.'),
  tookMs: z.number(),
  squall: z.object({ version: text, commit: text.optional() }),
  node: text,
  host: text,
  commandLine: texts,
  end: z.object({
    reason: text,
    signal: text.optional(),
    error: z.object({ code: text, says: text, remedy: text }).optional(),
    furtherErrors: texts,
  }),
  stopped: z.object({ by: text, says: text }).optional(),
});

const topology = z.object({
  lab: text,
  owned: z.boolean(),
  systems: z.array(z.object({ name: text, kind: text, distribution: text, version: text })),
  nodes: z.array(
    z.object({
      name: text,
      roles: texts,
      readyBefore: z.boolean().optional(),
      readyAfter: z.boolean().optional(),
      unreadyMs: z.array(z.object({ fromMs: moment, toMs: moment.optional() })).optional(),
    }),
  ),
  services: count,
  workloads: z.array(
    z.object({ id: text, replicas: count, readyBefore: count.optional(), readyAfter: count.optional() }),
  ),
  holders: z.array(
    z.object({
      what: text,
      before: text.optional(),
      after: text.optional(),
      moves: z.array(z.object({ atMs: moment, was: text.optional(), is: text.optional() })),
    }),
  ),
  endpoints: texts,
  abilities: texts,
  missingAbilities: z.array(z.object({ ability: text, reason: text })),
  timers: z.array(z.object({ name: text, valueMs: z.number(), source: text })),
});

const verdict = z.object({
  truth,
  headline: text,
  class: reason.shape.class.optional(),
  exitCode: count,
  exitMeaning: text,
  reasons: z.array(reason),
});

const glance = z.object({
  longestOutage: z.object({ probe: text, figure }).optional(),
  lowestAvailability: z.object({ probe: text, figure }).optional(),
  cases: z.object(counts),
  faults: z.object({ injected: count, owed: count, healed: count }),
});

/** What `report.json` holds. A later Squall may add fields, so what it does not know is let through. */
export const ReportSchema = z.object({
  schemaVersion: z.literal(REPORT_SCHEMA_VERSION),
  verdict,
  glance,
  run,
  disclosures: texts,
  windowMs: z.tuple([z.number(), z.number()]).optional(),
  objectives: z.array(objective),
  faults: z.array(fault),
  recoveries: z.array(recovery),
  probes: z.array(probe),
  users: users.optional(),
  durability: z
    .array(
      z.object({
        probe: text,
        acknowledged: count,
        lost: count,
        unread: count,
        indefinite: count,
        indefiniteFound: count,
      }),
    )
    .optional(),
  calibration: calibration.optional(),
  history: history.optional(),
  stages: z.array(stage),
  events: z.array(
    z.object({
      atMs: moment,
      watcher: text,
      change: text,
      about: text,
      was: text.optional(),
      is: text.optional(),
    }),
  ),
  stallsMs: z.array(moment),
  leftovers: z.array(
    z.object({
      system: text,
      name: text,
      createdBy: text,
      fault: z.enum(['cloud', 'ours']),
      swept: z.boolean(),
      says: text,
    }),
  ),
  openFaults: texts,
  topology: topology.optional(),
  subject: z
    .object({
      images: texts,
      charts: texts,
      commit: text.optional(),
      values: texts.optional(),
      given: texts.optional(),
    })
    .optional(),
  repeat: z.object({ run: text, judge: text, report: text }),
  files: z.array(z.object({ name: text, holds: text })),
});

/** JSON Schema (draft-07) of `report.json`, for editors and for programs that read it. */
export function reportJsonSchema(): object {
  return {
    ...z.toJSONSchema(ReportSchema, { target: 'draft-7', io: 'input' }),
    title: 'report.json of a Squall run',
  };
}
