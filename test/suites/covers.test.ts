import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { listCases } from '../../src/conformance/list-cases.ts';
import type { CaseDeclaration } from '../../src/model/conformance.ts';
import { bundledSuites, packageFolder } from '../../src/entries/places.ts';

/** The codenames of `test/conformance/testdata/conformance.yaml` of Kubernetes 1.36.3, one a line. */
const UPSTREAM = join(packageFolder(), 'test', 'suites', 'kubernetes-conformance-1.36.txt');

/** What the suites promise: so many cases that are known under a name of upstream. */
const LEAST_LABELLED = 60;

describe('the Kubernetes cases', function () {
  // Suites are loaded here for the first time.
  this.timeout(10_000);

  const cases = async (): Promise<readonly CaseDeclaration[]> => {
    const files = bundledSuites().filter(({ name }) => name.startsWith('kubernetes/'));
    return (await listCases(files, { suites: [], tags: [] })).flatMap((suite) => suite.cases);
  };

  it('name only tests that upstream has, each by its exact name', async () => {
    const known = new Set(readFileSync(UPSTREAM, 'utf8').split('\n'));
    const wrong = (await cases()).flatMap(({ id, covers }) =>
      covers
        .filter((name) => !known.has(name))
        .map((name) => `${id} covers "${name}", which upstream does not have`),
    );
    expect(wrong.join('\n')).to.equal('');
  });

  it('are at least sixty that upstream knows', async () => {
    const labelled = (await cases()).filter(({ covers }) => covers.length > 0);
    expect(labelled.length).to.be.at.least(LEAST_LABELLED);
  });
});
