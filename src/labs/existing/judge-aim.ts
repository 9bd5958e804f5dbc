/** What a run on an existing lab would act on, by the names that people give it. */
export interface Aim {
  readonly context?: string;
  /** Host of the API server. */
  readonly server?: string;
  readonly cloud?: string;
}

/** What the user's configuration file says of contexts and clouds. In patterns `*` stands for anything; letter case does not count. */
export interface AimRules {
  /** Patterns of contexts and clouds that may be acted on at all. Absent: all. */
  readonly allow?: readonly string[];
  /** Patterns of contexts, servers and clouds for which a word must be said. Default: `DEFAULT_PROTECTED`. */
  readonly protected?: readonly string[];
  /** The word of each protected context or cloud, by its full name. */
  readonly words?: Readonly<Record<string, string>>;
}

/** What is likely to have users who did not ask for a drill. */
export const DEFAULT_PROTECTED: readonly string[] = ['*prod*', '*prd*', 'live', 'live-*', '*-live'];

export type AimJudgement =
  | { readonly kind: 'free' }
  | { readonly kind: 'refused'; readonly says: string; readonly remedy: string }
  /** May be acted on by whoever says the word. */
  | { readonly kind: 'protected'; readonly says: string; readonly word: string };

/** Pure. A name that looks like production is protected even where the allow-list names it. */
export function judgeAim(aim: Aim, rules: AimRules): AimJudgement {
  const named = [
    ...(aim.context === undefined ? [] : [{ kind: 'context', name: aim.context }]),
    ...(aim.cloud === undefined ? [] : [{ kind: 'cloud', name: aim.cloud }]),
  ];
  const { allow } = rules;
  const outside = allow === undefined ? undefined : named.find(({ name }) => !matchesAny(name, allow));
  if (outside !== undefined) {
    return {
      kind: 'refused',
      says: `The ${outside.kind} ${outside.name} is not among those that \`existing.allow\` of the configuration file lets Squall act on.`,
      remedy: `Choose another ${outside.kind}, or add it to \`existing.allow\`.`,
    };
  }
  const patterns = rules.protected ?? DEFAULT_PROTECTED;
  const guarded = named.filter(({ kind, name }) => {
    const names = kind === 'context' && aim.server !== undefined ? [name, aim.server] : [name];
    return names.some((each) => matchesAny(each, patterns));
  });
  const words = guarded.map(({ name }) => rules.words?.[name]);
  if (guarded.length === 0) return { kind: 'free' };
  const what = guarded.map(({ kind, name }) => `the ${kind} ${name}`).join(' and ');
  const says = `Of what this run would act on, ${what} is protected.`;
  const wordless = guarded.find((_, index) => words[index] === undefined);
  if (wordless !== undefined) {
    return {
      kind: 'refused',
      says,
      remedy: `If it is meant, give it a word under \`existing.words\` of the configuration file (\`${wordless.name}: "..."\`), and say that word with \`--word\`. \`--yes\` does not stand for it.`,
    };
  }
  return { kind: 'protected', says, word: words.join(' ') };
}

function matchesAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${escaped}$`, 'is').test(name);
  });
}
