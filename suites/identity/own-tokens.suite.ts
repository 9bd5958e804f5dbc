import { expect, identity, suite, talk } from '../../src/conformance/index.ts';

suite(
  'identity/own-tokens',
  { title: 'Tokens of an ordinary user', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it }) => {
    it(
      'create',
      {
        title: 'gives a user with the right password a token that names the user and ends later',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token[id-6f8e4436-fc96-4282-8122-e41df57197a9]',
        ],
      },
      async ({ openstack }) => {
        const { token, userId, projectId } = await openstack.authenticate();
        const headers = { 'x-subject-token': token.reveal() };
        const { status, body } = await openstack
          .service('identity')
          .request({ method: 'GET', path: '/auth/tokens', headers });
        expect(status).to.equal(200);
        const shown = identity.token.parse(body).token;
        expect(shown.user.id).to.equal(userId);
        expect(shown.user.name).to.not.equal('');
        expect(shown.project?.id).to.equal(projectId);
        expect(shown.methods).to.have.length.greaterThan(0);
        expect(Date.parse(shown.expires_at)).to.be.greaterThan(Date.parse(shown.issued_at));
        expect(Date.parse(shown.expires_at)).to.be.greaterThan(Date.parse(shown.issued_at) + 60_000);
      },
    );

    it(
      'delete',
      {
        title: 'knows a token until its owner revokes it, and not after',
        tags: ['write', 'negative'],
        covers: [
          'tempest.api.identity.v3.test_tokens.TokensV3Test.test_token_auth_creation_existence_deletion[id-0f9f5a5f-d5cd-4a86-8a5b-c5ded151f212]',
        ],
      },
      async ({ openstack }) => {
        const { token, userId } = await openstack.authenticate();
        const client = openstack.service('identity');
        const again = await client.request({
          method: 'POST',
          path: '/auth/tokens',
          body: { auth: { identity: { methods: ['token'], token: { id: token.reveal() } } } },
        });
        expect(again.status).to.equal(201);
        expect(identity.token.parse(again.body).token.user.id).to.equal(userId);
        const headers = { 'x-subject-token': again.headers['x-subject-token'] ?? '' };
        const ask = async (method: 'HEAD' | 'DELETE') =>
          (await client.request({ method, path: '/auth/tokens', headers })).status;
        expect(await ask('HEAD')).to.equal(200);
        expect(await ask('DELETE')).to.equal(204);
        expect(await ask('HEAD')).to.equal(404);
      },
    );

    it(
      'own-projects',
      {
        title: 'lists the projects that a user may enter, and lets it into no other',
        tags: ['read', 'negative', 'admin'],
        covers: [
          'tempest.api.identity.v3.test_projects.IdentityV3ProjectsTest.test_list_projects_returns_only_authorized_projects[id-86128d46-e170-4644-866a-cc487f699e1d]',
        ],
      },
      async ({ openstack, administrator, make, names }) => {
        const other = await make.resource({
          type: 'identity',
          path: '/projects',
          key: 'project',
          body: { name: names.fresh('closed'), domain_id: 'default' },
          as: await administrator(),
          by: 'administrator',
        });
        const { token } = await openstack.authenticate();
        const { projects } = await talk(openstack, 'identity').get('/auth/projects', identity.projects);
        expect(projects).to.not.be.empty;
        expect(projects.map(({ id }) => id)).to.not.include(other.id);
        const enter = async (id: string) => {
          const auth = {
            identity: { methods: ['token'], token: { id: token.reveal() } },
            scope: { project: { id } },
          };
          return openstack.service('identity').request<{ token?: { project?: { id: string } } }>({
            method: 'POST',
            path: '/auth/tokens',
            body: { auth },
          });
        };
        for (const { id } of projects) {
          const entered = await enter(id);
          expect(entered.status).to.equal(201);
          expect(entered.body.token?.project?.id).to.equal(id);
        }
        expect((await enter(other.id)).status).to.equal(401);
      },
    );

    it(
      'application-credential',
      {
        title: 'lets its user in by an application credential, and no longer when that is gone',
        tags: ['write', 'negative', 'scenario'],
      },
      async ({ openstack, names, make }) => {
        const { userId } = await openstack.user();
        const path = `/users/${userId}/application_credentials`;
        const made = await make.resource({
          type: 'identity',
          path,
          key: 'application_credential',
          body: { name: names.fresh('credential') },
        });
        const { application_credential: credential } = identity.applicationCredential.parse({
          application_credential: made,
        });
        const enter = () =>
          openstack.service('identity').request({
            method: 'POST',
            path: '/auth/tokens',
            body: {
              auth: {
                identity: {
                  methods: ['application_credential'],
                  application_credential: { id: credential.id, secret: credential.secret },
                },
              },
            },
          });
        const entered = await enter();
        expect(entered.status).to.equal(201);
        expect(identity.token.parse(entered.body).token.user.id).to.equal(userId);
        await talk(openstack, 'identity').delete(204, `${path}/${credential.id}`);
        expect((await enter()).status).to.be.oneOf([401, 404]);
      },
    );
  },
);
