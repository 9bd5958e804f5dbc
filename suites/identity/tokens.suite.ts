import { expect, suite } from '../../src/conformance/index.ts';

interface TokenBody {
  readonly token: {
    readonly user: { readonly id: string };
    readonly expires_at: string;
    readonly issued_at: string;
    readonly audit_ids: readonly string[];
    readonly roles?: readonly { readonly name: string }[];
    readonly catalog?: readonly unknown[];
  };
}

const TOKENS = '/auth/tokens';

suite('identity/tokens', { title: 'Tokens', needs: ['openstack'] }, ({ it }) => {
  it(
    'validate',
    {
      title: 'tells whose a new token is and until when it holds',
      tags: ['read', 'smoke'],
      covers: [
        'tempest.api.identity.v3.test_tokens.TokensV3Test.test_validate_token[id-a9512ac3-3909-48a4-b395-11f438e16260]',
      ],
    },
    async ({ openstack }) => {
      const { token, userId } = await openstack.authenticate();
      const headers = { 'x-subject-token': token.reveal() };
      const { status, body, requestId } = await openstack
        .service('identity')
        .request<TokenBody>({ method: 'GET', path: TOKENS, headers });
      expect(status).to.equal(200);
      expect(body.token.user.id).to.equal(userId);
      expect(Date.parse(body.token.expires_at)).to.be.greaterThan(Date.parse(body.token.issued_at));
      expect(body.token.roles?.length ?? 0, 'roles').to.be.greaterThan(0);
      expect(body.token.audit_ids.length).to.be.greaterThan(0);
      expect(requestId).to.match(/^req-/);
    },
  );

  it(
    'wrong-password',
    { title: 'gives nobody a token for a password that is wrong', tags: ['negative', 'smoke'] },
    async ({ openstack, names }) => {
      // A user that does not exist: failed attempts must not lock a real one.
      const user = { name: names.fresh('nobody'), domain: { id: 'default' }, password: 'wrong' };
      const body = { auth: { identity: { methods: ['password'], password: { user } } } };
      const answer = await openstack
        .service('identity')
        .request<{ error: { code: number } }>({ method: 'POST', path: TOKENS, body });
      expect(answer.status).to.equal(401);
      expect(answer.body.error.code).to.equal(401);
      expect(answer.headers['x-subject-token']).to.equal(undefined);
    },
  );

  it(
    'unknown',
    { title: 'does not know a token that it never gave out', tags: ['read', 'negative'] },
    async ({ openstack }) => {
      const headers = { 'x-subject-token': 'squall-never-got-this-token' };
      const { status, body } = await openstack
        .service('identity')
        .request<{ error: { code: number } }>({ method: 'GET', path: TOKENS, headers });
      expect(status).to.equal(404);
      expect(body.error.code).to.equal(404);
    },
  );

  it(
    'revoke',
    {
      title: 'no longer knows a token that was revoked',
      tags: ['write', 'negative'],
    },
    async ({ openstack }) => {
      const identity = openstack.service('identity');
      const { token } = await openstack.authenticate();
      const body = {
        auth: { identity: { methods: ['token'], token: { id: token.reveal() } }, scope: 'unscoped' },
      };
      const second = await identity.request<TokenBody>({ method: 'POST', path: TOKENS, body });
      expect(second.status).to.equal(201);
      const headers = { 'x-subject-token': second.headers['x-subject-token'] ?? '' };
      expect((await identity.request({ method: 'GET', path: TOKENS, headers })).status).to.equal(200);
      expect((await identity.request({ method: 'DELETE', path: TOKENS, headers })).status).to.equal(204);
      expect((await identity.request({ method: 'GET', path: TOKENS, headers })).status).to.equal(404);
    },
  );
});
