import { OVERRIDABLE_RULES, type OverridableRule, type Override } from '../model/plan.ts';

/** Which rule of the blast radius a line speaks of. */
export type RadiusRule =
  OverridableRule | 'known-targets' | 'one-fault-each' | 'protected' | 'max-targets' | 'max-share';

/** One line of the reasoning; a proof is refused when any of its lines refuses. */
export interface ReasoningLine {
  readonly says: string;
  readonly refused: boolean;
  readonly rule: RadiusRule;
  /** `<namespace>/<workload>`, the name of a quorum, or a node, where the line speaks of one. */
  readonly about?: string;
  /** True when it would refuse, and the plan overrides it. */
  readonly overridden?: true;
}

export const holds = (rule: RadiusRule, says: string, about?: string): ReasoningLine => ({
  says: `holds: ${says}`,
  refused: false,
  rule,
  ...(about === undefined ? {} : { about }),
});

export const refuses = (rule: RadiusRule, says: string, about?: string): ReasoningLine => ({
  says: `refused: ${says}`,
  refused: true,
  rule,
  ...(about === undefined ? {} : { about }),
});

/** A line that the plan's owner takes on does not refuse any more, and says so. */
export function applyOverrides(
  lines: readonly ReasoningLine[],
  overrides: readonly Override[] = [],
): readonly ReasoningLine[] {
  return lines.map((line) => {
    if (!line.refused || !isOverridable(line.rule)) return line;
    const found = overrides.find(
      ({ rule, about }) => rule === line.rule && (about === undefined || about === line.about),
    );
    if (found === undefined) return line;
    const says = `overridden (${found.rule}: ${found.reason}): ${line.says.replace(/^refused: /, '')}`;
    return { ...line, says, refused: false, overridden: true };
  });
}

const isOverridable = (rule: RadiusRule): rule is OverridableRule =>
  (OVERRIDABLE_RULES as readonly string[]).includes(rule);
