import { expect } from 'chai';
import { describe, it } from 'mocha';
import { authRequest } from '../../../src/adapters/openstack/keystone-auth.ts';
import { resolveCloud } from '../../../src/adapters/openstack/resolve-cloud.ts';

const user = { username: 'u', password: 'p', user_domain_name: 'Default' };

const bodyFor = (auth: object, authType = 'v3password'): unknown => {
  const cloud = { auth_type: authType, auth: { auth_url: 'http://127.0.0.1:1/v3', ...auth } };
  const none = { secure: {}, publicClouds: {}, file: 'clouds.yaml', warnings: [] };
  return (authRequest(resolveCloud({ clouds: { clouds: { c: cloud } }, ...none }, {})) as { auth: unknown })
    .auth;
};

/** What the model of the rehearsal does not accept is held here to the letter of Keystone's API reference. */
describe('the request for a token', () => {
  const identity = {
    methods: ['password'],
    password: { user: { name: 'u', domain: { name: 'Default' }, password: 'p' } },
  };

  it('names each scope as Keystone wants it', () => {
    const project = { name: 'q', domain: { id: 'default' } };
    expect(bodyFor({ ...user, project_name: 'q', project_domain_id: 'default' })).to.deep.equal({
      identity,
      scope: { project },
    });
    expect(bodyFor({ ...user, domain_name: 'Default' })).to.deep.equal({
      identity,
      scope: { domain: { name: 'Default' } },
    });
    expect(bodyFor({ ...user, system_scope: 'all' })).to.deep.equal({
      identity,
      scope: { system: { all: true } },
    });
  });

  it('gives an application credential no scope, since it has one in itself', () => {
    const given = { application_credential_id: 'i', application_credential_secret: 's' };
    expect(bodyFor(given, 'v3applicationcredential')).to.deep.equal({
      identity: { methods: ['application_credential'], application_credential: { id: 'i', secret: 's' } },
    });
  });
});
