import { expect, suite, type CaseContext, type Resource } from '../../src/conformance/index.ts';

/** A public key whose private half was thrown away. */
const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP+zXHYKRap+KgHlDIpunee3KMiUxKUUdmUbFA4zoMmL squall';

suite('compute/keypairs', { title: 'Key pairs', needs: ['openstack'] }, ({ it }) => {
  const importKey = ({ make, names }: CaseContext): Promise<Resource> =>
    make.resource({
      type: 'compute',
      path: '/os-keypairs',
      key: 'keypair',
      idField: 'name',
      body: { name: names.fresh('key'), public_key: PUBLIC_KEY },
    });

  it(
    'import',
    {
      title: 'keeps a public key that is given to it',
      tags: ['write'],
      covers: [
        'tempest.api.compute.keypairs.test_keypairs.KeyPairsV2TestJSON.test_keypair_create_with_pub_key',
      ],
    },
    async (context) => {
      const key = await importKey(context);
      expect(key).to.not.have.property('private_key');
      expect(key['fingerprint']).to.match(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
      const { status, body } = await context.openstack
        .service('compute')
        .request<{ keypair: Resource }>({ method: 'GET', path: `/os-keypairs/${key.id}` });
      expect(status).to.equal(200);
      expect(body.keypair).to.include({ name: key.id, fingerprint: key['fingerprint'] });
      expect(String(body.keypair['public_key']).trim()).to.equal(PUBLIC_KEY);
    },
  );

  it(
    'taken-name',
    { title: 'refuses a name that is taken', tags: ['write', 'negative'] },
    async (context) => {
      const key = await importKey(context);
      const body = { keypair: { name: key.id, public_key: PUBLIC_KEY } };
      const again = await context.openstack
        .service('compute')
        .request<{ conflictingRequest: { code: number } }>({ method: 'POST', path: '/os-keypairs', body });
      expect(again.status).to.equal(409);
      expect(again.body.conflictingRequest.code).to.equal(409);
    },
  );

  it(
    'bad-key',
    { title: 'refuses what is no public key', tags: ['negative'] },
    async ({ openstack, names }) => {
      const body = { keypair: { name: names.fresh('key'), public_key: 'ssh-ed25519 nonsense' } };
      const { status } = await openstack
        .service('compute')
        .request({ method: 'POST', path: '/os-keypairs', body });
      expect(status).to.equal(400);
    },
  );
});
