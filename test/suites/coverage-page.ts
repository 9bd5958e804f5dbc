import { parse } from 'yaml';

export interface Reason {
  readonly match: string;
  readonly reason: string;
}

/** One body of upstream tests, and what we have of it. */
export interface Upstream {
  readonly title: string;
  /** What it is, and where the names are from. */
  readonly says: string;
  /** Every test by its exact name. */
  readonly names: readonly string[];
  readonly reasons: readonly Reason[];
}

/** Our cases by the upstream name that they cover. */
export type Covered = ReadonlyMap<string, readonly string[]>;

/** `test/suites/not-covered.yaml`, by upstream. */
export const readReasons = (text: string): Readonly<Record<string, readonly Reason[]>> =>
  parse(text) as Record<string, readonly Reason[]>;

const entryFor = (name: string, reasons: readonly Reason[]): Reason | undefined =>
  reasons.find(({ match }) => new RegExp(match).test(name));

/** What is wrong with the reasons: names that have none, and entries that are the first to match no name that is open. */
export function faultsOf({ names, reasons }: Upstream, covered: Covered): readonly string[] {
  const open = names
    .filter((name) => !covered.has(name))
    .map((name) => ({ name, entry: entryFor(name, reasons) }));
  return [
    ...open
      .filter(({ entry }) => entry === undefined)
      .map(({ name }) => `${name} is neither covered nor is there a reason`),
    ...reasons
      .filter((reason) => !open.some(({ entry }) => entry === reason))
      .map(({ match }) => `the reason for ${match} is given for nothing`),
  ];
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

export function coveragePage(upstreams: readonly Upstream[], covered: Covered): string {
  const parts = upstreams.map(({ title, says, names, reasons }) => {
    const have = names.filter((name) => covered.has(name)).length;
    const rows = names.map((name) => {
      const cases = covered.get(name);
      const what = cases?.map((id) => `\`${id}\``).join(', ') ?? entryFor(name, reasons)?.reason ?? '';
      return `| ${cell(name)} | ${cell(what)} |`;
    });
    const summary = `${says} ${have} of ${names.length} are covered.`;
    return `## ${title}\n\n${summary}\n\n| upstream | our case, or why there is none |\n| --- | --- |\n${rows.join('\n')}\n`;
  });
  return `<!-- Made from the suites and \`test/suites/not-covered.yaml\` by \`SQUALL_WRITE_GENERATED=1 npm test\`; do not edit. -->\n\n# What upstream tests, and our cases for it\n\n${parts.join('\n')}`;
}
