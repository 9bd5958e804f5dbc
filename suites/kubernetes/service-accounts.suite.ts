import {
  askPod,
  expect,
  inside,
  makeNamespace,
  runPod,
  suite,
  type CaseContext,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes'] as const;
const TOKEN_FILE = '/file?path=/var/run/secrets/kubernetes.io/serviceaccount/token';

interface Review {
  readonly status: { readonly authenticated?: boolean; readonly user?: { readonly username?: string } };
}

async function makeAccount({ make, names }: CaseContext, home: string): Promise<string> {
  const name = names.fresh('account');
  const collection = inside(home, 'serviceaccounts');
  await make.object(collection, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
  return name;
}

/** What the API server says of a token. */
async function reviewOf(
  { kubernetes }: CaseContext,
  token: string,
  audiences?: readonly string[],
): Promise<Review['status']> {
  const spec = { token, ...(audiences === undefined ? {} : { audiences }) };
  const { status, body } = await kubernetes.request<Review>({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/tokenreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec },
  });
  expect(status).to.equal(201);
  return body.status;
}

suite('kubernetes/service-accounts', { title: 'Service accounts', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'accounts'));

  it(
    'authority-everywhere',
    {
      title: 'puts the authority of the API server into each namespace, and back when it is deleted',
      tags: ['write'],
      covers: [
        '[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace [Conformance]',
      ],
    },
    async ({ kubernetes, eventually }) => {
      const path = inside(home(), 'configmaps/kube-root-ca.crt');
      const there = async (): Promise<string | undefined> => {
        const found = await kubernetes.get(path);
        expect((found?.['data'] as Record<string, string> | undefined)?.['ca.crt']).to.contain(
          'BEGIN CERTIFICATE',
        );
        return found?.metadata.uid;
      };
      const first = await eventually('the authority is there', there);
      await kubernetes.delete(path);
      const again = async (): Promise<void> => {
        expect(await there()).to.not.equal(first);
      };
      await eventually('it is there again', again);
    },
  );

  it(
    'life-cycle',
    {
      title: 'creates an account, finds it by its label, changes it and forgets it',
      tags: ['write'],
      covers: [
        '[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]',
      ],
    },
    async (context) => {
      const { kubernetes, owner } = context;
      const collection = inside(home(), 'serviceaccounts');
      const name = await makeAccount(context, home());
      const path = `${collection}/${name}`;
      await kubernetes.patch(path, { automountServiceAccountToken: false });
      const listed = await kubernetes.list(collection, { labelSelector: `${owner.label}=${owner.value}` });
      const found = listed.find(({ metadata }) => metadata.name === name);
      expect(found?.['automountServiceAccountToken']).to.equal(false);
      expect(await kubernetes.delete(path)).to.equal(true);
      expect(await kubernetes.get(path)).to.equal(undefined);
    },
  );

  it(
    'token-request',
    {
      title: 'gives out a token for an audience, and knows it again for that one only',
      tags: ['write', 'negative'],
      covers: [
        '[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview [Conformance]',
      ],
    },
    async (context) => {
      const name = await makeAccount(context, home());
      const audiences = ['squall.dev/tests'];
      const given = await context.kubernetes.request<{ status: { token: string } }>({
        method: 'POST',
        path: `${inside(home(), 'serviceaccounts')}/${name}/token`,
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { audiences, expirationSeconds: 600 },
        },
      });
      expect(given.status).to.equal(201);
      const { token } = given.body.status;
      const known = await reviewOf(context, token, audiences);
      expect(known.authenticated).to.equal(true);
      expect(known.user?.username).to.equal(`system:serviceaccount:${home()}:${name}`);
      expect((await reviewOf(context, token)).authenticated ?? false).to.equal(false);
    },
  );

  it(
    'token-in-pod',
    {
      title: 'puts a token of its account into a pod, and the authority beside it',
      tags: ['write'],
      needs: ['test-image'],
      covers: ['[sig-auth] ServiceAccounts should mount an API token into pods [Conformance]'],
    },
    async (context) => {
      const serviceAccountName = await makeAccount(context, home());
      const spec = { serviceAccountName, automountServiceAccountToken: true };
      const pod = await runPod(context, home(), { spec });
      const { text } = await askPod<{ text: string }>(context, pod, TOKEN_FILE);
      const review = await reviewOf(context, text);
      expect(review.user?.username).to.equal(`system:serviceaccount:${home()}:${serviceAccountName}`);
      const beside = TOKEN_FILE.replace('token', 'ca.crt');
      expect((await askPod<{ text: string }>(context, pod, beside)).text).to.contain('BEGIN CERTIFICATE');
    },
  );

  it(
    'no-token-in-pod',
    {
      title: 'puts no token into a pod that wants none, whatever its account says',
      tags: ['write', 'negative'],
      needs: ['test-image'],
      covers: ['[sig-auth] ServiceAccounts should allow opting out of API token automount [Conformance]'],
    },
    async (context) => {
      const pod = await runPod(context, home(), { spec: { automountServiceAccountToken: false } });
      expect(pod.pod.spec.containers[0]?.['volumeMounts'] ?? []).to.deep.equal([]);
      const refused = await askPod(context, pod, TOKEN_FILE).catch((error: unknown) => error);
      expect(refused).to.be.an('error').with.nested.property('facts.status', 404);
    },
  );

  it(
    'projected-token',
    {
      title: 'puts a token for an audience where a pod wants it',
      tags: ['write'],
      needs: ['test-image'],
      covers: ['[sig-auth] ServiceAccounts should mount projected service account token [Conformance]'],
    },
    async (context) => {
      const audience = 'squall.dev/tests';
      const sources = [{ serviceAccountToken: { path: 'token', audience, expirationSeconds: 600 } }];
      const pod = await runPod(context, home(), {
        spec: { volumes: [{ name: 'seen', projected: { sources } }] },
        container: { volumeMounts: [{ name: 'seen', mountPath: '/seen' }] },
      });
      const { text } = await askPod<{ text: string }>(context, pod, '/file?path=/seen/token');
      expect((await reviewOf(context, text, [audience])).authenticated).to.equal(true);
    },
  );
});
