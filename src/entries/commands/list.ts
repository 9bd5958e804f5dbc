import { readFileSync } from 'node:fs';
import { ERROR_CATALOGUE } from '../../model/errors.ts';
import { EXIT } from '../../model/exit-code.ts';
import { loadCatalogue } from '../catalogue.ts';
import type { LISTS } from '../lists.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { LABS } from '../labs.ts';
import { bundledPlans, bundledSuites } from '../places.ts';
import { printRows, type Row } from '../print-rows.ts';

export interface ListArguments extends SharedArguments {
  readonly what: (typeof LISTS)[number];
}

export async function listCommand({ what, output }: ListArguments): Promise<number> {
  printRows(await rowsOf(what), output ?? 'table');
  return EXIT.pass;
}

async function rowsOf(what: ListArguments['what']): Promise<readonly Row[]> {
  switch (what) {
    case 'errors':
      return Object.entries(ERROR_CATALOGUE).map(([code, { exitCode, meaning, remedy }]) => ({
        code,
        exitCode,
        meaning,
        remedy,
      }));
    case 'labs':
      return LABS.map(({ name, summary }) => ({ lab: name, summary }));
    case 'plans':
      return bundledPlans().map(({ name, path }) => ({ plan: name, learns: openingSentence(path) }));
    case 'suites':
      return bundledSuites().map(({ name }) => ({ suite: name }));
    case 'faults': {
      const { faults } = await loadCatalogue();
      return faults.map(({ name, acts, lasts, needs, parameters, summary }) => ({
        fault: name,
        acts,
        lasts: lasts ? 'duration' : 'a moment',
        needs: needs.join(' '),
        parameters: Object.keys(parameters).join(' '),
        summary,
      }));
    }
    case 'probes':
    case 'watchers':
    case 'objectives': {
      const catalogue = await loadCatalogue();
      return catalogue[what].map(({ name, parameters, summary }) => ({
        name,
        parameters: Object.keys(parameters).join(' '),
        summary,
      }));
    }
  }
}

/** The comment that opens a plan says what it wants to learn. */
function openingSentence(path: string): string {
  const lines = readFileSync(path, 'utf8').split('\n');
  const comments = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('#')),
  );
  return comments
    .filter((line) => !line.includes('yaml-language-server'))
    .map((line) => line.replace(/^#\s?/, ''))
    .join(' ')
    .trim();
}
