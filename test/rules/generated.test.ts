import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { reportJsonSchema } from '../../src/report/report-schema.ts';
import { loadCatalogue } from '../../src/entries/catalogue.ts';
import type { Catalogue, CatalogueEntry, ParameterSpec } from '../../src/model/catalogue.ts';
import { ERROR_CATALOGUE } from '../../src/model/errors.ts';
import { planSchema } from '../../src/plan/index.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line), ''].join('\n');
}

const page = (title: string, text: string): string =>
  `<!-- Made from the registries by \`SQUALL_WRITE_GENERATED=1 npm test\`; do not edit. -->\n\n# ${title}\n\n${text}`;

function describeDefault(spec: ParameterSpec): string {
  if (spec.required === true) return 'required';
  return spec.default === undefined ? '' : `\`${String(spec.default)}\``;
}

/** One section an entry: what it is, and a table of its parameters. */
function sections(
  entries: readonly CatalogueEntry[],
  more: (entry: CatalogueEntry) => string = () => '',
): string {
  return entries
    .map((entry) => {
      const rows = Object.entries(entry.parameters).map(([name, spec]) => [
        `\`${name}\``,
        spec.values === undefined ? spec.type : spec.values.join(', '),
        describeDefault(spec),
        spec.describe,
      ]);
      const parameters =
        rows.length === 0 ? 'No parameters.\n' : table(['parameter', 'type', 'default', 'meaning'], rows);
      return `## ${entry.name}\n\n${entry.summary}\n\n${more(entry)}${parameters}`;
    })
    .join('\n');
}

function files(catalogue: Catalogue): Readonly<Record<string, string>> {
  const faultFacts = (entry: CatalogueEntry): string => {
    const fault = catalogue.faults.find(({ name }) => name === entry.name);
    const lasts = fault?.lasts === true ? 'lasts for its `duration`' : 'is over in a moment';
    return `Acts on a ${fault?.acts ?? '?'}, ${lasts}, needs: ${fault?.needs.join(', ') ?? ''}.\n\n`;
  };
  return {
    'docs/generated/faults.md': page('Faults', sections(catalogue.faults, faultFacts)),
    'docs/generated/probes.md': page('Probes', sections(catalogue.probes)),
    'docs/generated/watchers.md': page('Watchers', sections(catalogue.watchers)),
    'docs/generated/objectives.md': page('Objectives', sections(catalogue.objectives)),
    'docs/generated/errors.md': page(
      'Errors',
      table(
        ['code', 'exit', 'meaning', 'what to do'],
        Object.entries(ERROR_CATALOGUE).map(([code, { exitCode, meaning, remedy }]) => [
          `\`${code}\``,
          String(exitCode),
          meaning,
          remedy,
        ]),
      ),
    ),
    'schema/report.schema.json': `${JSON.stringify(reportJsonSchema(), null, 2)}\n`,
    'schema/plan.schema.json': `${JSON.stringify(planSchema(catalogue), null, 2)}\n`,
  };
}

describe('generated files', () => {
  let expected: Readonly<Record<string, string>>;

  before(async () => {
    expected = files(await loadCatalogue());
    if (process.env.SQUALL_WRITE_GENERATED !== '1') return;
    for (const [file, text] of Object.entries(expected)) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  });

  it('equal what the registries say', () => {
    for (const [file, text] of Object.entries(expected)) {
      expect(
        readFileSync(file, 'utf8'),
        `${file} is behind: write it again with SQUALL_WRITE_GENERATED=1 npm test`,
      ).to.equal(text);
    }
  });
});
