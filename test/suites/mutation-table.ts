import PQueue from 'p-queue';
import { listCases, type ListedSuite } from '../../src/conformance/list-cases.ts';
import type { CaseDeclaration, SuiteFile } from '../../src/model/conformance.ts';
import type { CaseRunner } from './case-runner.ts';
import type { Exchange } from './mutating-proxy.ts';
import { describeMutation, fieldsOf, parseMutation, type Mutation } from './mutation.ts';

export const KINDS = ['drop', 'status', 'stale'] as const;
type Kind = (typeof KINDS)[number];

/** For each case, the mutation of each kind that makes it fail. */
export type Row = { readonly id: string } & Partial<Record<Kind, Mutation>>;

export interface SuiteCase {
  readonly file: SuiteFile;
  readonly declaration: CaseDeclaration;
}

/** For one case and kind. Whatever is further down is something that the case does not look at closely. */
const MOST_TRIES = 40;

export async function allCases(files: readonly SuiteFile[]): Promise<readonly SuiteCase[]> {
  const listed: readonly ListedSuite[] = await listCases(files, { suites: [], tags: [] });
  return listed.flatMap(({ file, cases }) => cases.map((declaration) => ({ file, declaration })));
}

const OPENING = `# What each case notices

Each case of \`suites/\` is run through a proxy that spoils the answers to one kind of request: it drops a field, changes the
status, or says what was true before the case's own writes. The case must fail. Written by \`test/suites/mutations.test.ts\`;
regenerate with \`SQUALL_REGENERATE=1\`. A dash means that no mutation of that kind was found that this case must notice.

`;

const HEADER = ['case', 'fails without a field', 'fails on a wrong status', 'fails on a stale read'];

/** Padded as prettier does it. */
export function renderTable(rows: readonly Row[]): string {
  const cell = (mutation: Mutation | undefined): string =>
    mutation === undefined ? '-' : `\`${describeMutation(mutation)}\``;
  const lines = [HEADER, ...rows.map((row) => [row.id, ...KINDS.map((kind) => cell(row[kind]))])];
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const write = (line: readonly string[]): string =>
    `| ${line.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const rule = write(widths.map((width) => '-'.repeat(width)));
  return OPENING + write(HEADER) + rule + lines.slice(1).map(write).join('');
}

export function parseTable(text: string): readonly Row[] {
  return text
    .split('\n')
    .filter((line) => /^\| [a-z0-9-]+\//.test(line))
    .map((line) => {
      const [id = '', ...cells] = line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim().replaceAll('`', ''));
      const found = KINDS.map((kind, index) => [kind, parseMutation(cells[index] ?? '')] as const);
      return { id, ...Object.fromEntries(found.filter(([, mutation]) => mutation !== undefined)) };
    });
}

/** Several cases at once: most of a case is waiting. */
export async function forEachCase<T>(
  cases: readonly SuiteCase[],
  act: (one: SuiteCase) => Promise<T>,
): Promise<readonly T[]> {
  const queue = new PQueue({ concurrency: 6 });
  return await Promise.all(cases.map((one) => queue.add(() => act(one))));
}

/** Finds a mutation of each kind that makes the case fail. */
export async function searchRow(
  runner: CaseRunner,
  { file, declaration }: SuiteCase,
): Promise<Row | undefined> {
  const { id } = declaration;
  const clean = await runner.run(file, id);
  if (clean.result.outcome === 'skipped') return undefined;
  if (clean.result.outcome !== 'passed')
    throw new Error(`${id} does not pass as it is: ${clean.result.reason}`);
  const row: { id: string } & Partial<Record<Kind, Mutation>> = { id };
  for (const kind of KINDS) {
    for (const mutation of candidates(kind, clean.exchanges)) {
      const { result } = await runner.run(file, id, mutation);
      if (result.outcome !== 'failed') continue;
      row[kind] = mutation;
      break;
    }
  }
  return row;
}

/** Answers about what the case looked at last come first; those of the token and of tidying up are left alone. */
function candidates(kind: Kind, exchanges: readonly Exchange[]): readonly Mutation[] {
  const used = exchanges.filter((exchange) => exchange.method !== 'DELETE' && !isPreparation(exchange));
  const order = [
    ...used.filter(({ method }) => method === 'GET').toReversed(),
    ...used.filter(({ method }) => method !== 'GET').toReversed(),
  ];
  const seen = new Set<string>();
  const found: Mutation[] = [];
  const add = (mutation: Mutation): void => {
    const text = describeMutation(mutation);
    if (!seen.has(text)) found.push(mutation);
    seen.add(text);
  };
  const wrote = used.some(({ method }) => method !== 'GET');
  for (const { method, template, status, body } of order) {
    if (kind === 'status') add({ method, template, kind, from: status, status: status >= 400 ? 200 : 500 });
    else if (kind === 'stale' && wrote && method === 'GET') add({ method, template, kind });
    else if (kind === 'drop' && body !== undefined)
      for (const field of fieldsOf(body)) add({ method, template, kind, field });
  }
  return found.slice(0, MOST_TRIES);
}

/** What the clients ask for themselves: a token, the versions of a service, what the user may do. */
function isPreparation({ method, template, status }: Exchange): boolean {
  if (method === 'POST' && template.endsWith('/auth/tokens')) return status < 400;
  return template === '' || template === '/' || template.endsWith('?nocatalog=true');
}
