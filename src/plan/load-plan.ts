import type { Catalogue } from '../model/catalogue.ts';
import type { Plan } from '../model/plan.ts';
import { didYouMean } from './did-you-mean.ts';
import type { PlanFormat } from './plan-format.ts';
import { planFormats } from './plan-formats.ts';
import { readPlanSource, type PlanSource } from './plan-source.ts';
import { planInvalid, shown, writePath, type Finding } from './problem.ts';
import { checkRules } from './rules.ts';

export interface LoadOptions {
  /** What problems call the file. */
  readonly file: string;
  /** What the plan may name. */
  readonly catalogue: Catalogue;
  /** From `--set key=value`: values in place of the defaults of the plan's parameters. */
  readonly set?: Readonly<Record<string, string>>;
}

/**
 * Text in, checked plan out, frozen.
 * @throws SQ_PLAN_INVALID with all problems, one a line as `file:line:column path: says`, sorted by place; `facts.problems` has
 *   them as `{file, line, column, path, says}`.
 */
export function loadPlan(text: string, { file, catalogue, set = {} }: LoadOptions): Plan {
  const source = readPlanSource(text, file, set);
  const format = formatOf(source);
  const found: Finding[] = [];
  const draft = format.read(source, catalogue, found);
  found.push(...checkRules(draft, catalogue));
  // What the text itself got wrong at a place explains whatever else is wrong there.
  const explained = new Set(source.findings.map(({ path }) => writePath(path)));
  const findings = [...source.findings, ...found.filter(({ path }) => !explained.has(writePath(path)))];
  if (findings.length > 0) throw planInvalid(findings.map(source.locate));
  return freeze(draft.plan);
}

/** JSON Schema, draft-07, of the newest format: editors find mistakes with it while a plan is typed. */
export function planSchema(catalogue: Catalogue): Readonly<Record<string, unknown>> {
  return planFormats[0].schema(catalogue);
}

/** A file of another kind is told so, and nothing more: its keys would all be unknown. */
function formatOf(source: PlanSource): PlanFormat {
  const { apiVersion, kind } = source.data;
  const format = planFormats.find((known) => known.apiVersion === apiVersion && known.kind === kind);
  if (format) return format;
  const findings: Finding[] = [];
  const versions = [...new Set(planFormats.map((known) => known.apiVersion))];
  const kinds = [...new Set(planFormats.map((known) => known.kind))];
  const check = (key: string, value: unknown, known: readonly string[]): void => {
    if (typeof value === 'string' && known.includes(value)) return;
    const hint = typeof value === 'string' ? didYouMean(value, known) : `known are ${known.join(', ')}`;
    const says = value === undefined ? `is required; ${hint}` : `${shown(value)} is not a known one; ${hint}`;
    findings.push({ path: [key], at: 'value', says });
  };
  check('apiVersion', apiVersion, versions);
  check('kind', kind, kinds);
  throw planInvalid([...source.findings, ...findings].map(source.locate));
}

function freeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
  return value;
}
