import { expect, inside, makeNamespace, suite, type CaseContext } from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes'] as const;

/** Makes one that may not change, tries to change it all the same, and deletes it, which is allowed. */
async function tryToChange(
  { kubernetes, make, names }: CaseContext,
  home: string,
  kind: 'ConfigMap' | 'Secret',
): Promise<void> {
  const name = names.fresh('fixed');
  const collection = inside(home, `${kind.toLowerCase()}s`);
  const data = { colour: Buffer.from('green').toString('base64') };
  await make.object(collection, { apiVersion: 'v1', kind, metadata: { name }, data, immutable: true });
  const path = `${collection}/${name}`;
  const change = (body: object): ReturnType<typeof kubernetes.request<{ reason: string }>> =>
    kubernetes.request({
      method: 'PATCH',
      path,
      headers: { 'content-type': 'application/merge-patch+json' },
      body,
    });
  for (const body of [{ data: { colour: 'Ymx1ZQ==' } }, { immutable: false }]) {
    const refused = await change(body);
    expect(refused.status).to.equal(422);
    expect(refused.body.reason).to.equal('Invalid');
  }
  expect((await kubernetes.get(path))?.['data']).to.deep.equal(data);
  expect(await kubernetes.delete(path)).to.equal(true);
}

suite('kubernetes/immutable', { title: 'What may not change', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'immutable'));

  it(
    'configmap',
    {
      title: 'changes no ConfigMap that is immutable',
      tags: ['write', 'negative'],
      covers: ['[sig-storage] ConfigMap should be immutable if `immutable` field is set [Conformance]'],
    },
    (context) => tryToChange(context, home(), 'ConfigMap'),
  );

  it(
    'secret',
    {
      title: 'changes no Secret that is immutable',
      tags: ['write', 'negative'],
      covers: ['[sig-storage] Secrets should be immutable if `immutable` field is set [Conformance]'],
    },
    (context) => tryToChange(context, home(), 'Secret'),
  );

  it(
    'empty-key',
    {
      title: 'refuses a Secret and a ConfigMap with a key that is empty',
      tags: ['negative'],
      covers: [
        '[sig-node] Secrets should fail to create secret due to empty secret key [Conformance]',
        '[sig-node] ConfigMap should fail to create ConfigMap with empty key [Conformance]',
      ],
    },
    async ({ kubernetes, names }) => {
      for (const kind of ['Secret', 'ConfigMap']) {
        const body = {
          apiVersion: 'v1',
          kind,
          metadata: { name: names.fresh('empty') },
          data: { '': 'Z3JlZW4=' },
        };
        const path = inside(home(), `${kind.toLowerCase()}s`);
        const refused = await kubernetes.request<{ reason: string }>({ method: 'POST', path, body });
        expect(refused.status, kind).to.equal(422);
        expect(refused.body.reason, kind).to.equal('Invalid');
      }
    },
  );
});
