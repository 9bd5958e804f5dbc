import { compute, expect, makePersona, suite, talk } from '../../src/conformance/index.ts';
import { partsOf } from './boot-server.ts';

suite(
  'compute/quotas',
  { title: 'Quotas of compute', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it }) => {
    for (const [name, title, end, covers] of [
      [
        'own',
        'tells a user the quotas of its project',
        '',
        'tempest.api.compute.test_quotas.QuotasTestJSON.test_get_quotas[id-f1ef0a97-dbbb-4cca-adc5-c9fbc4f76107]',
      ],
      [
        'default',
        'tells a user the quotas that a project has by default',
        '/defaults',
        'tempest.api.compute.test_quotas.QuotasTestJSON.test_get_default_quotas[id-9bfecac7-b966-4f47-913f-1a9e2c12134a]',
      ],
    ] as const) {
      it(name, { title, tags: ['read', 'smoke'], covers: [covers] }, async ({ openstack }) => {
        const { projectId = '' } = await openstack.user();
        const path = `/os-quota-sets/${projectId}${end}`;
        const { quota_set: quotas } = await talk(openstack, 'compute').get(path, compute.quotas);
        expect(quotas.id).to.equal(projectId);
        expect(quotas.instances).to.not.equal(0);
      });
    }

    it(
      'own-by-user',
      { title: 'tells a user its own quotas within the project', tags: ['read'] },
      async ({ openstack }) => {
        const { projectId = '', userId } = await openstack.user();
        const nova = talk(openstack, 'compute');
        const path = `/os-quota-sets/${projectId}`;
        const whole = await nova.get(path, compute.quotas);
        const mine = await nova.get(`${path}?user_id=${userId}`, compute.quotas);
        expect(mine.quota_set.cores).to.be.at.most(
          whole.quota_set.cores === -1 ? Number.POSITIVE_INFINITY : whole.quota_set.cores,
        );
      },
    );

    it(
      'not-mine-to-change',
      { title: 'lets no ordinary user change a quota', tags: ['negative', 'admin'] },
      async ({ openstack, administrator }) => {
        await administrator();
        const { projectId = '' } = await openstack.user();
        const body = { quota_set: { instances: 1000 } };
        const nova = talk(openstack, 'compute');
        const { kind } = await nova.refuses(403, 'PUT', `/os-quota-sets/${projectId}`, body);
        expect(kind).to.equal('forbidden');
      },
    );

    it(
      'enforced',
      {
        title: 'makes no server beyond what an administrator allows the project',
        tags: ['write', 'negative', 'admin', 'scenario'],
      },
      async (context) => {
        const given = await context.administrator();
        const tight = await makePersona(context, 'member');
        const path = `/os-quota-sets/${tight.projectId}`;
        const admin = talk(given, 'compute');
        const body = { quota_set: { instances: 0, cores: 7 } };
        const { quota_set: set } = await admin.put<{ quota_set: object }>(200, path, body);
        expect(set).to.include({ instances: 0, cores: 7 });
        const { quota_set: seen } = await talk(given.as(tight), 'compute').get(path, compute.quotas);
        expect(seen).to.include({ instances: 0, cores: 7 });
        const server = { name: context.names.fresh('server'), networks: 'none', ...(await partsOf(context)) };
        const nova = talk(given.as(tight), 'compute', '2.37');
        const { kind, message } = await nova.refuses(403, 'POST', '/servers', { server });
        expect(kind).to.equal('forbidden');
        expect(message).to.match(/quota/i);
      },
    );
  },
);
