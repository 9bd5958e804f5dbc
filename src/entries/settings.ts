import { resolve } from 'node:path';
import type { AimRules } from '../labs/existing/judge-aim.ts';
import type { NodeAccessSettings } from '../labs/existing/node-pod.ts';
import { HarnessError } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { SharedArguments, LogLevel } from './shared-arguments.ts';
import { configurationFile } from './places.ts';
import { readUserFile, type UserFile } from './user-file.ts';

/** Everything that a user can set, resolved: flags, then `SQUALL_*`, then the plan, then the user's file, then defaults. */
export interface Settings {
  readonly lab: string;
  readonly seed?: string;
  readonly set: Readonly<Record<string, string>>;
  readonly outputDir: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly output: 'table' | 'json';
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly osCloud?: string;
  readonly logLevel: LogLevel;
  /** What may be done to clusters and clouds that Squall does not own; only from the user's file. */
  readonly existing?: ExistingSettings;
  /** What no plan may hurt, whatever it says; only from the user's file. */
  readonly protection?: Protection;
}

export interface Protection {
  readonly namespaces: readonly string[];
  readonly nodes: readonly string[];
}

export interface ExistingSettings extends AimRules {
  /** How the nodes of an existing cluster are reached. Absent: not at all. */
  readonly nodeAccess?: NodeAccessSettings;
  /** The test image, as the nodes of that cluster pull it. Absent: suites that run pods are not applicable there. */
  readonly testImage?: string;
  /** The same image for the probe between nodes alone. Absent: what `testImage` names. */
  readonly probeImage?: string;
}

/**
 * @param planSeed the seed that the plan gives, which a flag beats and which beats the user's file.
 * @throws SQ_CONFIG_INVALID with all mistakes of the user's file and their places; SQ_USAGE for a `--set` without `=`.
 */
export async function resolveSettings(argv: SharedArguments, planSeed?: string): Promise<Settings> {
  const file = await readUserFile(configurationFile(process.env));
  const seed = argv.seed ?? planSeed ?? file.seed;
  const kubeconfig = argv.kubeconfig ?? file.kubeconfig;
  const context = argv.context ?? file.context;
  const osCloud = argv.osCloud ?? file['os-cloud'];
  return {
    lab: argv.lab ?? file.lab ?? 'rehearsal',
    ...(seed === undefined ? {} : { seed }),
    set: parseAssignments(argv.set ?? []),
    outputDir: resolve(argv.outputDir ?? file['output-dir'] ?? 'reports'),
    dryRun: argv.dryRun ?? false,
    yes: argv.yes ?? false,
    output: argv.output ?? file.output ?? 'table',
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(osCloud === undefined ? {} : { osCloud }),
    logLevel: argv.logLevel ?? file['log-level'] ?? 'info',
    ...(file.existing === undefined ? {} : { existing: existingOf(file.existing) }),
    ...(file.protected === undefined ? {} : { protection: file.protected }),
  };
}

/** The plan with what its user protects added to its own limits: no plan can take that away, and no override speaks of it. */
export function withProtection(plan: Plan, { protection }: Settings): Plan {
  if (protection === undefined) return plan;
  const { limits } = plan;
  const protectedNamespaces = [...new Set([...limits.protectedNamespaces, ...protection.namespaces])];
  const protectedNodes = [...new Set([...limits.protectedNodes, ...protection.nodes])];
  return { ...plan, limits: { ...limits, protectedNamespaces, protectedNodes } };
}

/** The part of the user's file about labs that Squall does not own. @throws SQ_CONFIG_INVALID */
export async function readExistingSettings(): Promise<ExistingSettings> {
  const { existing } = await readUserFile(configurationFile(process.env));
  return existing === undefined ? {} : existingOf(existing);
}

function existingOf(file: NonNullable<UserFile['existing']>): ExistingSettings {
  const { allow, protected: patterns, words } = file;
  const access = file['node-access'];
  const testImage = file['test-image'];
  const probeImage = file['probe-image'];
  const pullSecret = access?.['pull-secret'];
  return {
    ...(allow === undefined ? {} : { allow }),
    ...(patterns === undefined ? {} : { protected: patterns }),
    ...(words === undefined ? {} : { words }),
    ...(testImage === undefined ? {} : { testImage }),
    ...(probeImage === undefined ? {} : { probeImage }),
    ...(access === undefined
      ? {}
      : { nodeAccess: { image: access.image, ...(pullSecret === undefined ? {} : { pullSecret }) } }),
  };
}

function parseAssignments(texts: readonly string[]): Readonly<Record<string, string>> {
  const wrong = texts.filter((text) => !/^[^=]+=/.test(text));
  if (wrong.length > 0) throw new HarnessError('SQ_USAGE', `--set takes key=value, not ${wrong.join(', ')}.`);
  return Object.fromEntries(
    texts.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );
}
