import { z } from 'zod';
import { OVERRIDABLE_RULES } from '../../model/plan.ts';
import { anyText, durationBetween, nameText, patternText, percentText } from '../scalar-schemas.ts';

/** The schemas of everything in a plan that does not depend on the catalogue. Defaults and meanings stand in the descriptions. */

export const selectionSchema = z
  .strictObject({
    suites: z
      .array(anyText)
      .prefault([])
      .describe('Only these suites, such as `kubernetes/pods`. Default: all.'),
    tags: z
      .array(anyText)
      .prefault([])
      .describe('Only cases that carry one of these tags; `all` is every case. Default: all.'),
    grep: patternText
      .optional()
      .describe('Only cases whose id matches this regular expression. Default: all.'),
  })
  .describe('Which conformance cases run; `{}` is all of them.');

export const conformanceSchema = z
  .strictObject({
    before: selectionSchema
      .optional()
      .describe('Proves the system steady before anything is hurt. Left out: not run.'),
    during: selectionSchema
      .optional()
      .describe('Goes on beside the faults, repeated until the method ends. Left out: not run.'),
    after: selectionSchema.optional().describe('Proves the system steady again. Left out: not run.'),
  })
  .describe('The conformance cases of the three stages.');

export const metadataSchema = z
  .strictObject({
    name: nameText.describe('The name of the plan, as reports show it.'),
    description: anyText
      .optional()
      .describe('What the plan wants to learn; the comment that opens the file is taken before it.'),
  })
  .describe('Who the plan is.');

const selectorPart = anyText.min(1).optional();

export const selectorSchema = z
  .strictObject({
    role: selectorPart.describe(
      'What the target is for: `control`, `compute`, `api`, `database`, `queue`, `api-address-holder`...',
    ),
    service: selectorPart.describe('The product it is part of, such as `keystone` or `etcd`.'),
    namespace: selectorPart.describe('The namespace of its workload.'),
    workload: selectorPart.describe('The workload, such as `keystone-api`.'),
    node: selectorPart.describe('The node, by name. Plans that name nodes run on one lab only.'),
    unit: selectorPart.describe('A unit or static pod of a node, for faults on units.'),
    labels: z.record(z.string(), anyText).optional().describe('Labels that the target must carry.'),
  })
  .describe('Whom a fault may hit: all given parts must match, and one at least must be given.');

export const guardSchema = z
  .strictObject({
    name: nameText.optional().describe('Default: `guard-<probe>`.'),
    probe: nameText.describe('The name of a probe of this plan.'),
    downFor: durationBetween('1ms').describe(
      'The method is stopped and healed when the probe is down for longer, without a break.',
    ),
  })
  .describe('Stops the faults when a probe stays down.');

const votingPart = z.string().min(1).exactOptional();

const quorumSchema = z
  .strictObject({
    name: nameText.describe('What reports call it.'),
    selector: z
      .strictObject({
        role: votingPart.describe('What its members are for.'),
        service: votingPart.describe('The product it is part of.'),
        namespace: votingPart.describe('The namespace of its workloads.'),
        workload: votingPart.describe('The workload.'),
        labels: z.record(z.string(), anyText).exactOptional().describe('Labels of the workload.'),
      })
      .refine(
        ({ labels, ...parts }) =>
          Object.values(parts).some((part) => part !== undefined) || Object.keys(labels ?? {}).length > 0,
        'is empty, so it names everything',
      )
      .describe('All members of every workload that it matches vote together.'),
    needed: z.int().min(1).max(1000).exactOptional().describe('How many must stay. Default: a majority.'),
  })
  .describe('Members that vote together, wherever they run.');

const overrideSchema = z
  .strictObject({
    rule: z.enum(OVERRIDABLE_RULES).describe('The rule that refuses.'),
    about: anyText
      .min(1)
      .exactOptional()
      .describe('`<namespace>/<workload>`, a quorum or a node: only there. Default: everywhere.'),
    reason: anyText.min(10).describe('Why that is right here, in a sentence.'),
  })
  .describe('One rule of the blast radius that does not refuse in this plan.');

export const limitsSchema = z
  .strictObject({
    maxTargets: z.int().min(1).max(1000).prefault(1).describe('The most targets hurt at once. Default 1.'),
    maxShare: percentText()
      .prefault('50%')
      .describe('The largest share of one service hurt at once. Default 50%.'),
    protectedNamespaces: z.array(anyText).prefault([]).describe('Nothing in these is hurt. Default: none.'),
    protectedNodes: z.array(anyText).prefault([]).describe('Nothing on these is hurt. Default: none.'),
    maxUnseen: percentText()
      .prefault('2%')
      .describe('When more of the run went unseen, objectives are unknown. Default 2%.'),
    maxDuration: durationBetween('1s')
      .prefault('30m')
      .describe('The method is stopped after this. Default 30m.'),
    quorums: z
      .array(quorumSchema)
      .exactOptional()
      .describe('What needs a majority besides what Squall knows to. Default: none.'),
    overrides: z
      .array(overrideSchema)
      .exactOptional()
      .describe('Refusals that you take on; every report prints them. Default: none.'),
  })
  .describe('The most that may be hurt at once, whatever the steps say.');

export const baselineSchema = durationBetween('0s', '1h')
  .prefault('2s')
  .describe('How long the probes run before the first fault. Default 2s.');

export const calibrationSchema = z
  .strictObject({
    upTo: z
      .number()
      .min(1)
      .max(64)
      .prefault(4)
      .describe("The highest rate that is tried, as a multiple of the plan's own. Default 4."),
    answers: z
      .int()
      .min(36)
      .max(10_000)
      .prefault(60)
      .describe('Answers of each probe at each rate: more tell smaller differences. Default 60.'),
  })
  .describe(
    "Before anything is hurt, asks at rates from a quarter of the plan's own, to learn which the system bears; `{}` takes the defaults. Left out: not done.",
  );

export const seedSchema = z
  .union([anyText.min(1), z.int().transform(String)], {
    error: (issue) => (issue.input === undefined ? undefined : 'is not a seed: text or a whole number'),
  })
  .describe(
    'What chance is drawn from: the same seed chooses the same targets. Default: drawn once and printed.',
  );

export const parametersSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .describe('Names and defaults of what `--set name=value` may change; used as `${name}` in any value.');
