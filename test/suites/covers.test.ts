import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { listCases } from '../../src/conformance/list-cases.ts';
import type { CaseDeclaration } from '../../src/model/conformance.ts';
import { bundledSuites, packageFolder } from '../../src/entries/places.ts';
import { coveragePage, faultsOf, readReasons, type Covered, type Upstream } from './coverage-page.ts';

const HERE = join(packageFolder(), 'test', 'suites');
const PAGE = join(packageFolder(), 'docs', 'generated', 'coverage.md');
const read = (file: string): string => readFileSync(join(HERE, file), 'utf8');
const names = (file: string): readonly string[] => read(file).trim().split('\n');

const reasons = readReasons(read('not-covered.yaml'));

const TEMPEST: Upstream = {
  title: 'OpenStack: Tempest, the interoperability guideline',
  says: 'The 231 tests of the guideline 2020.06 that are not about object storage, by the names and ids of Tempest 47.0.0.',
  names: names('tempest-guideline-2020.06.txt'),
  reasons: reasons['tempest'] ?? [],
};
const KUBERNETES: Upstream = {
  title: 'Kubernetes: conformance',
  says: 'The codenames of `test/conformance/testdata/conformance.yaml` of Kubernetes 1.36.3.',
  names: names('kubernetes-conformance-1.36.txt'),
  reasons: reasons['kubernetes'] ?? [],
};

describe('what the suites cover of upstream', function () {
  // Suites are loaded here for the first time.
  this.timeout(20_000);
  let cases: readonly CaseDeclaration[];
  let covered: Covered;

  before(async () => {
    cases = (await listCases(bundledSuites(), { suites: [], tags: [] })).flatMap((suite) => suite.cases);
    const found = new Map<string, string[]>();
    for (const { id, covers } of cases)
      for (const name of covers) found.set(name, [...(found.get(name) ?? []), id]);
    covered = found;
  });

  it('is named as upstream names it', () => {
    const known = new Set([...TEMPEST.names, ...KUBERNETES.names]);
    const wrong = [...covered].filter(([name]) => !known.has(name));
    expect(
      wrong.map(([name, ids]) => `${ids.join()} covers "${name}", which upstream does not have`),
    ).to.deep.equal([]);
  });

  it('is at least sixty Kubernetes cases that upstream knows, and 220 tests of the guideline', () => {
    const labelled = cases.filter(({ id, covers }) => id.startsWith('kubernetes/') && covers.length > 0);
    expect(labelled.length).to.be.at.least(60);
    expect(TEMPEST.names.filter((name) => covered.has(name)).length).to.be.at.least(220);
  });

  for (const upstream of [TEMPEST, KUBERNETES]) {
    it(`leaves out nothing without a reason: ${upstream.title}`, () => {
      expect(faultsOf(upstream, covered).join('\n')).to.equal('');
    });
  }

  it('stands in docs/generated/coverage.md', () => {
    const page = coveragePage([TEMPEST, KUBERNETES], covered);
    if (process.env['SQUALL_WRITE_GENERATED'] === '1') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8'), 'run with SQUALL_WRITE_GENERATED=1').to.equal(page);
  });
});
