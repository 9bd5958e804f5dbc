import { expect } from 'chai';
import { describe, it } from 'mocha';
import { listCases } from '../../src/conformance/list-cases.ts';
import { selectCases, selectFiles } from '../../src/conformance/selection.ts';
import { bundledSuites } from '../../src/entries/places.ts';
import type { CaseDeclaration, CaseTag } from '../../src/model/conformance.ts';
import { HarnessError } from '../../src/model/errors.ts';

const FILES = ['kubernetes/pods', 'kubernetes/nodes', 'compute/servers'].map((name) => ({
  name,
  path: `/${name}`,
}));
const oneCase = (id: string, tags: readonly CaseTag[]): CaseDeclaration => ({
  id,
  title: `does ${id}`,
  tags,
  needs: [],
  covers: [],
});
const CASES = [oneCase('a/b/reads', ['read', 'smoke']), oneCase('a/b/writes', ['write'])];

const namesOf = (suites: readonly string[]): readonly string[] =>
  selectFiles(FILES, { suites, tags: [] }).map(({ name }) => name);
const idsOf = (tags: readonly string[], grep?: string): readonly string[] =>
  selectCases(CASES, { suites: [], tags, ...(grep === undefined ? {} : { grep }) }).map(({ id }) => id);

describe('selecting', () => {
  it('takes files by suite or by service, and all when nothing is named', () => {
    expect(namesOf([])).to.have.length(3);
    expect(namesOf(['kubernetes/pods'])).to.deep.equal(['kubernetes/pods']);
    expect(namesOf(['kubernetes'])).to.deep.equal(['kubernetes/pods', 'kubernetes/nodes']);
  });

  it('refuses a suite that does not exist, also beside one that does', () => {
    for (const wrong of [['kubernetes/pod'], ['kubernetes/pods', 'kube'], ['']]) {
      expect(() => namesOf(wrong), wrong.join())
        .to.throw(HarnessError)
        .with.property('code', 'SQ_SUITE');
    }
  });

  it('takes cases by any of the tags, and by a pattern over id and title', () => {
    expect(idsOf(['smoke', 'write'])).to.deep.equal(['a/b/reads', 'a/b/writes']);
    expect(idsOf(['smoke'])).to.deep.equal(['a/b/reads']);
    expect(idsOf(['all']))
      .to.deep.equal(idsOf([]))
      .and.to.have.length(2);
    expect(idsOf([], 'DOES a/b/w')).to.deep.equal(['a/b/writes']);
    expect(idsOf(['smoke'], 'writes')).to.deep.equal([]);
    expect(() => idsOf([], '(')).to.throw(HarnessError, /not a regular expression/);
  });
});

describe('the suites that come with Squall', () => {
  it('hold at least 22 Kubernetes and 22 OpenStack cases, negative ones and a smoke set among them, each with its own id', async () => {
    const listed = await listCases(bundledSuites(), { suites: [], tags: [] });
    const cases = listed.flatMap(({ cases: some }) => some);
    const needing = (ability: 'kubernetes' | 'openstack'): readonly CaseDeclaration[] =>
      cases.filter(({ needs }) => needs.includes(ability));
    for (const system of ['kubernetes', 'openstack'] as const) {
      expect(needing(system).length, system).to.be.at.least(22);
      expect(
        needing(system).filter(({ tags }) => tags.includes('negative')).length,
        `${system} negative`,
      ).to.be.at.least(5);
      expect(
        needing(system).filter(({ tags }) => tags.includes('smoke')).length,
        `${system} smoke`,
      ).to.be.at.least(5);
    }
    expect(new Set(cases.map(({ id }) => id)).size).to.equal(cases.length);
    expect(cases.filter(({ needs }) => needs.length === 0)).to.deep.equal([]);
  });

  it('are refused when nothing matches', async () => {
    let error: unknown;
    await listCases(bundledSuites(), { suites: [], tags: ['smoke'], grep: 'no such case' }).catch(
      (thrown: unknown) => (error = thrown),
    );
    expect(error)
      .to.be.instanceOf(HarnessError)
      .with.property('message', 'No case matches tag smoke, pattern "no such case".');
  });
});
