import { expect } from 'chai';
import { describe, it } from 'mocha';
import * as compute from '../../src/conformance/shapes/compute.ts';
import { askRoot, talk } from '../../src/conformance/service-talk.ts';
import type { ServiceType } from '../../src/ports/openstack.ts';
import { cloudInMemory } from './cloud-in-memory.ts';

const saying = (status: number, body: unknown) => cloudInMemory(() => ({ status, body }));

const messageOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it passed',
    (error: Error) => error.message,
  );

const FLAVOR = {
  id: '1',
  name: 'small',
  links: [{ rel: 'self', href: 'http://cloud/flavors/1' }],
};

describe('how cases speak to a service', () => {
  it('fails on a field that the microversion does not have, and on one that is missing', async () => {
    const nova = (flavor: object) => talk(saying(200, { flavors: [flavor] }).api, 'compute');
    const list = (flavor: object) => messageOf(nova(flavor).get('/flavors', compute.flavors));
    expect(await list(FLAVOR)).to.equal('it passed');
    expect(await list({ ...FLAVOR, surprise: 1 })).to.match(/GET compute \/flavors \(req-1\).*surprise/s);
    const { name: _name, ...nameless } = FLAVOR;
    expect(await list(nameless)).to.match(/flavors\[0\]\.name/);
  });

  it('fails on another status, and says what was answered to which request', async () => {
    const { api } = saying(500, { computeFault: { code: 500, message: 'out of order' } });
    const says = await messageOf(talk(api, 'compute').get('/flavors', compute.flavors));
    expect(says).to.match(/GET compute \/flavors \(req-1\) answered .*out of order.*500/s);
  });

  const REFUSALS: readonly (readonly [ServiceType, object, kind: string])[] = [
    ['compute', { itemNotFound: { code: 404, message: 'no' } }, 'itemNotFound'],
    ['block-storage', { itemNotFound: { code: 404, message: 'no' } }, 'itemNotFound'],
    ['network', { NeutronError: { type: 'PortNotFound', message: 'no', detail: '' } }, 'PortNotFound'],
    ['identity', { error: { code: 404, title: 'Not Found', message: 'no' } }, 'Not Found'],
    [
      'orchestration',
      { code: 404, title: 'Not Found', error: { type: 'EntityNotFound', message: 'no' } },
      'Not Found',
    ],
  ];

  for (const [type, body, kind] of REFUSALS) {
    it(`takes a refusal of ${type} only in the form in which it refuses`, async () => {
      const refusal = await talk(saying(404, body).api, type).refuses(404, 'GET', '/x');
      expect(refusal.kind).to.equal(kind);
      expect(await messageOf(talk(saying(404, {}).api, type).refuses(404, 'GET', '/x'))).to.contain('shape');
      expect(await messageOf(talk(saying(200, body).api, type).refuses(404, 'GET', '/x'))).to.contain('200');
    });
  }

  it('fails when the code in a refusal is not the status that it came with', async () => {
    const { api } = saying(404, { itemNotFound: { code: 403, message: 'no' } });
    expect(await messageOf(talk(api, 'compute').refuses(404, 'GET', '/x'))).to.contain('code in the answer');
  });

  it('asks for the versions above the versioned root', async () => {
    const { api, asked } = saying(300, { versions: [] });
    expect(await askRoot(api, 'compute', compute.versions)).to.deep.equal({ versions: [] });
    expect(asked.map(({ path }) => path)).to.deep.equal(['/../']);
  });
});
