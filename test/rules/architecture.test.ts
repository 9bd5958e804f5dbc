import { expect } from 'chai';
import { cruise, type ICruiseResult, type IModule } from 'dependency-cruiser';
import { describe, it, before } from 'mocha';
import { IMPORT_TABLE } from './import-table.ts';

describe('architecture', function () {
  this.timeout(60_000);
  let modules: readonly IModule[];

  before(async () => {
    const result = await cruise(['src', 'suites'], {
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
      validate: true,
      ruleSet: { forbidden: [{ name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } }] },
    });
    modules = (result.output as ICruiseResult).modules.filter(({ source }) => /^(src|suites)\//.test(source));
  });

  it('imports only what the table of its folder allows', () => {
    expect(modules.length).to.be.greaterThan(100);
    expect(modules.flatMap(forbiddenImports).join('\n')).to.equal('');
  });

  it('has no cycles', () => {
    const cycles = modules.flatMap(({ source, dependencies }) =>
      dependencies
        .filter(({ circular }) => circular)
        .map(
          ({ cycle }) =>
            `${source} imports itself through ${cycle?.map(({ name }) => name).join(' -> ') ?? '?'}: move what both need into a third file`,
        ),
    );
    expect([...new Set(cycles)].join('\n')).to.equal('');
  });
});

/** The longest folder of the table that holds the file. */
function folderOf(source: string): string | undefined {
  return Object.keys(IMPORT_TABLE)
    .filter((folder) => source.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function forbiddenImports({ source, dependencies }: IModule): readonly string[] {
  const folder = folderOf(source);
  const row = folder === undefined ? undefined : IMPORT_TABLE[folder];
  if (folder === undefined || row === undefined) {
    return [
      `${source} lies in no folder of test/rules/import-table.ts: give its folder a row that says what it may import`,
    ];
  }
  return dependencies.flatMap((dependency) => {
    if (dependency.coreModule || dependency.module.startsWith('node:')) return [];
    if (dependency.couldNotResolve) return [`${source} imports ${dependency.module}, which is not there`];
    if (dependency.resolved.includes('node_modules/')) {
      const name = dependency.module
        .split('/')
        .slice(0, dependency.module.startsWith('@') ? 2 : 1)
        .join('/');
      if (row.libraries.includes(name)) return [];
      return [
        `${source} imports the library ${name}: ${folder} may use ${row.libraries.join(', ') || 'none'}; put it behind a port, in src/adapters`,
      ];
    }
    const allowed = [folder, ...row.folders].some(
      (one) => dependency.resolved === one || dependency.resolved.startsWith(`${one}/`),
    );
    if (allowed) return [];
    return [
      `${source} imports ${dependency.resolved}: ${folder} may use ${row.folders.join(', ') || 'nothing else'}; hand it on as a value of src/model`,
    ];
  });
}
