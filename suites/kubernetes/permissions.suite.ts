import { expect, inside, makeNamespace, suite, type CaseContext } from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes'] as const;
const RBAC = 'rbac.authorization.k8s.io/v1';

/** Lets somebody read the ConfigMaps of a namespace. */
async function letRead({ make, names }: CaseContext, home: string, user: string): Promise<void> {
  const name = names.fresh('reader');
  const [apiGroup] = RBAC.split('/');
  await make.object(inside(home, 'roles', RBAC), {
    apiVersion: RBAC,
    kind: 'Role',
    metadata: { name },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
  });
  await make.object(inside(home, 'rolebindings', RBAC), {
    apiVersion: RBAC,
    kind: 'RoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'Role', name },
    subjects: [{ apiGroup, kind: 'User', name: user }],
  });
}

suite('kubernetes/permissions', { title: 'Who may do what', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'permissions'));

  it(
    'role',
    {
      title: 'refuses somebody until a role lets them, and then only what it lets',
      tags: ['write', 'negative', 'admin'],
    },
    async (context) => {
      const { kubernetes, eventually, names } = context;
      const user = names.fresh('user');
      const asUser = async (method: 'GET' | 'DELETE', namespace: string): Promise<number> => {
        const path = inside(namespace, 'configmaps');
        return (await kubernetes.request({ method, path, headers: { 'impersonate-user': user } })).status;
      };
      expect(await asUser('GET', home())).to.equal(403);
      await letRead(context, home(), user);
      const isLet = async (): Promise<void> => {
        expect(await asUser('GET', home())).to.equal(200);
      };
      await eventually('the role is known', isLet);
      expect(await asUser('DELETE', home())).to.equal(403);
      expect(await asUser('GET', 'kube-system')).to.equal(403);
    },
  );

  it(
    'reviews',
    {
      title: 'tells whether somebody may do something',
      tags: ['read', 'admin'],
      covers: ['[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]'],
    },
    async (context) => {
      const { kubernetes, eventually, names } = context;
      const user = names.fresh('user');
      const may = async (verb: string): Promise<boolean> => {
        const resourceAttributes = { namespace: home(), verb, resource: 'configmaps' };
        const { status, body } = await kubernetes.request<{ status: { allowed: boolean } }>({
          method: 'POST',
          path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
          body: {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SubjectAccessReview',
            spec: { user, resourceAttributes },
          },
        });
        expect(status).to.equal(201);
        return body.status.allowed;
      };
      expect(await may('list')).to.equal(false);
      await letRead(context, home(), user);
      await eventually('the role is known', async () => expect(await may('list')).to.equal(true));
      expect(await may('delete')).to.equal(false);
    },
  );

  it(
    'own-review',
    { title: 'tells who asks what they may do themselves', tags: ['read'] },
    async ({ kubernetes, names }) => {
      const name = names.fresh('user');
      const ask = async (headers: Record<string, string>): Promise<boolean> => {
        const resourceAttributes = { namespace: 'kube-system', verb: 'delete', resource: 'secrets' };
        const { body } = await kubernetes.request<{ status: { allowed: boolean } }>({
          method: 'POST',
          path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
          headers,
          body: {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SelfSubjectAccessReview',
            spec: { resourceAttributes },
          },
        });
        return body.status.allowed;
      };
      expect(await ask({ 'impersonate-user': name })).to.equal(false);
      expect(await ask({ 'impersonate-user': name, 'impersonate-group': 'system:masters' })).to.equal(true);
    },
  );
});
