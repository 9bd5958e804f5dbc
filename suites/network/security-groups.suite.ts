import { expect, network, suite, talk, type CaseContext } from '../../src/conformance/index.ts';
import { makeGroup } from './make-network.ts';

const NOWHERE = '00000000-0000-4000-8000-000000000000';
const INGRESS = { direction: 'ingress', ethertype: 'IPv4' };

/** Rules that a group can be given, and must have then. */
const RULES: readonly (readonly [name: string, title: string, covers: string, rules: readonly object[]])[] = [
  [
    'ports',
    'lets in one port of TCP',
    'tempest.api.network.test_security_groups.SecGroupTest.test_create_security_group_rule_with_additional_args[id-87dfbcf9-1849-43ea-b1e4-efa3eeae9f71]',
    [{ protocol: 'tcp', port_range_min: 77, port_range_max: 77 }],
  ],
  [
    'icmp',
    'lets in messages of ICMP by type and code',
    'tempest.api.network.test_security_groups.SecGroupTest.test_create_security_group_rule_with_icmp_type_code[id-c9463db8-b44d-4f52-b6c0-8dbda99f26ce]',
    [
      { protocol: 'icmp', port_range_min: 3, port_range_max: 2 },
      { protocol: 'icmp', port_range_min: 8, port_range_max: 0 },
      { protocol: 'icmp', port_range_min: 11, port_range_max: null },
    ],
  ],
  [
    'from-range',
    'lets in what comes from a range of addresses',
    'tempest.api.network.test_security_groups.SecGroupTest.test_create_security_group_rule_with_remote_ip_prefix[id-16459776-5da2-4634-bce4-4b55ee3ec188]',
    [{ protocol: 'tcp', port_range_min: 76, port_range_max: 77, remote_ip_prefix: '10.0.0.0/24' }],
  ],
];

/** Rules that no group can be given, with the statuses that say so. */
const WRONG: readonly (readonly [
  name: string,
  title: string,
  covers: string,
  status: number,
  wrong: readonly object[],
])[] = [
  [
    'bad-protocol',
    'takes no protocol that does not exist',
    'tempest.api.network.test_security_groups_negative.NegativeSecGroupTest.test_create_security_group_rule_with_bad_protocol[id-981bdc22-ce48-41ed-900a-73148b583958]',
    400,
    [{ protocol: 'squall' }],
  ],
  [
    'bad-ethertype',
    'takes no kind of packet that does not exist',
    'tempest.api.network.test_security_groups_negative.NegativeSecGroupTest.test_create_security_group_rule_with_bad_ethertype[id-5666968c-fff3-40d6-9efc-df1c8bd01abb]',
    400,
    [{ protocol: 'udp', ethertype: 'squall' }],
  ],
  [
    'bad-range',
    'takes no range of addresses that is none',
    'tempest.api.network.test_security_groups_negative.NegativeSecGroupTest.test_create_security_group_rule_with_bad_remote_ip_prefix[id-5f8daf69-3c5f-4aaa-88c9-db1d66f68679]',
    400,
    ['192.168.1./24', '192.168.1.1/33', 'squall', '256'].map((remote_ip_prefix) => ({
      protocol: 'tcp',
      remote_ip_prefix,
    })),
  ],
  [
    'bad-ports',
    'takes no ports that are none, and no ICMP that is none',
    'tempest.api.network.test_security_groups_negative.NegativeSecGroupTest.test_create_security_group_rule_with_invalid_ports[id-0d9c7791-f2ad-4e2f-ac73-abf2373b0d2d]',
    400,
    [
      { protocol: 'tcp', port_range_min: -16, port_range_max: 80 },
      { protocol: 'tcp', port_range_min: 80, port_range_max: 79 },
      { protocol: 'tcp', port_range_min: 80, port_range_max: 65536 },
      { protocol: 'icmp', port_range_min: 1, port_range_max: 256 },
      { protocol: 'icmp', port_range_min: null, port_range_max: 6 },
      { protocol: 'icmp', port_range_min: 300, port_range_max: 1 },
    ],
  ],
  [
    'missing-remote-group',
    'takes no other group that is not there',
    'tempest.api.network.test_security_groups_negative.NegativeSecGroupTest.test_create_security_group_rule_with_non_existent_remote_groupid[id-4bf786fd-2f02-443c-9716-5b98e159a49a]',
    404,
    ['squall-no-such-group', NOWHERE].map((remote_group_id) => ({ protocol: 'tcp', remote_group_id })),
  ],
];

suite(
  'network/security-groups',
  { title: 'Security groups', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const group = shared(async (context) => (await makeGroup(context)).id);

    /** Rules go with their group. */
    const give = async ({ openstack }: CaseContext, security_group_id: string, rule: object) =>
      (
        await talk(openstack, 'network').post(
          201,
          '/security-group-rules',
          { security_group_rule: { security_group_id, ...INGRESS, ...rule } },
          network.rule,
        )
      ).security_group_rule;

    it(
      'default',
      {
        title: 'has a group called default for each project',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.network.test_security_groups.SecGroupTest.test_list_security_groups[id-e30abd17-fef9-4739-8617-dc26da88e686]',
        ],
      },
      async ({ openstack }) => {
        const { security_groups: groups } = await talk(openstack, 'network').get(
          '/security-groups',
          network.groups,
        );
        const [first, ...more] = groups.filter(({ name }) => name === 'default');
        expect(more).to.deep.equal([]);
        expect(first?.security_group_rules.map(({ direction }) => direction)).to.include.members([
          'egress',
          'ingress',
        ]);
      },
    );

    it(
      'life-cycle',
      {
        title: 'makes, lists, renames and deletes a group',
        tags: ['write', 'smoke'],
        covers: [
          'tempest.api.network.test_security_groups.SecGroupTest.test_create_list_update_show_delete_security_group[id-bfd128e5-3c92-44b6-9d66-7fe29d22c802]',
        ],
      },
      async (context) => {
        const { id } = await makeGroup(context);
        const neutron = talk(context.openstack, 'network');
        const path = `/security-groups/${id}`;
        const { security_groups: groups } = await neutron.get('/security-groups', network.groups);
        expect(groups.map((one) => one.id)).to.include(id);
        const now = { name: context.names.fresh('group'), description: 'changed' };
        const changed = await neutron.put(200, path, { security_group: now }, network.group);
        expect(changed.security_group).to.include(now);
        const { security_group: shown } = await neutron.get(path, network.group);
        expect(shown).to.include(now);
        await neutron.delete(204, path);
        expect((await neutron.refuses(404, 'GET', path)).kind).to.equal('SecurityGroupNotFound');
      },
    );

    it(
      'rules',
      {
        title: 'makes, shows, lists and deletes a rule for each protocol',
        tags: ['write'],
        covers: [
          'tempest.api.network.test_security_groups.SecGroupTest.test_create_show_delete_security_group_rule[id-cfb99e0e-7410-4a3d-8a0c-959a63ee77e9]',
        ],
      },
      async (context) => {
        const { id } = await makeGroup(context);
        const neutron = talk(context.openstack, 'network');
        for (const protocol of ['tcp', 'udp', 'icmp']) {
          const made = await give(context, id, { protocol });
          const path = `/security-group-rules/${made.id}`;
          const { security_group_rule: shown } = await neutron.get(path, network.rule);
          expect(shown).to.deep.equal(made);
          const query = `/security-group-rules?security_group_id=${id}`;
          const { security_group_rules: rules } = await neutron.get(query, network.rules);
          expect(rules.map((rule) => rule.id)).to.include(made.id);
          await neutron.delete(204, path);
          expect((await neutron.refuses(404, 'GET', path)).kind).to.equal('SecurityGroupRuleNotFound');
        }
      },
    );

    for (const [name, title, covers, rules] of RULES) {
      it(name, { title, tags: ['write'], covers: [covers] }, async (context) => {
        const { id } = await makeGroup(context);
        for (const rule of rules) {
          const made = await give(context, id, rule);
          expect(made).to.include({ ...INGRESS, security_group_id: id, ...rule });
        }
        const path = `/security-groups/${id}`;
        const { security_group: shown } = await talk(context.openstack, 'network').get(path, network.group);
        const ingress = shown.security_group_rules.filter(({ direction }) => direction === 'ingress');
        expect(ingress).to.have.length(rules.length);
      });
    }

    it(
      'protocol-number',
      {
        title: 'takes a protocol by its number',
        tags: ['write'],
        covers: [
          'tempest.api.network.test_security_groups.SecGroupTest.test_create_security_group_rule_with_protocol_integer_value[id-0a307599-6655-4220-bebc-fd70c64f2290]',
        ],
      },
      async (context) => {
        const { id } = await makeGroup(context);
        const made = await give(context, id, { protocol: 17 });
        expect(made.protocol).to.be.oneOf(['17', 'udp']);
        expect(made.direction).to.equal('ingress');
      },
    );

    it(
      'from-group',
      {
        title: 'lets in what comes from another group',
        tags: ['write'],
        covers: [
          'tempest.api.network.test_security_groups.SecGroupTest.test_create_security_group_rule_with_remote_group_id[id-c2ed2deb-7a0c-44d8-8b4c-a5825b5c310b]',
        ],
      },
      async (context) => {
        const [{ id }, other] = [await makeGroup(context), await makeGroup(context)];
        const rule = { protocol: 'udp', port_range_min: 50, port_range_max: 55, remote_group_id: other.id };
        expect(await give(context, id, rule)).to.include(rule);
      },
    );

    for (const [name, title, covers, status, rules] of WRONG) {
      it(name, { title, tags: ['negative'], covers: [covers] }, async ({ openstack }) => {
        for (const rule of rules) {
          const body = { security_group_rule: { security_group_id: group(), ...INGRESS, ...rule } };
          const neutron = talk(openstack, 'network');
          const { message } = await neutron.refuses(status, 'POST', '/security-group-rules', body);
          expect(message).to.not.equal('');
        }
      });
    }

    it(
      'twice',
      {
        title: 'takes no rule twice',
        tags: ['negative', 'write'],
        covers: [
          'tempest.api.network.test_security_groups_negative.NegativeSecGroupTest.test_create_duplicate_security_group_rule_fails[id-8fde898f-ce88-493b-adc9-4e4692879fc5]',
        ],
      },
      async (context) => {
        const { id } = await makeGroup(context);
        const rule = { protocol: 'tcp', port_range_min: 66, port_range_max: 67 };
        await give(context, id, rule);
        const body = { security_group_rule: { security_group_id: id, ...INGRESS, ...rule } };
        const neutron = talk(context.openstack, 'network');
        const { kind } = await neutron.refuses(409, 'POST', '/security-group-rules', body);
        expect(kind).to.equal('SecurityGroupRuleExists');
      },
    );

    it(
      'second-default',
      {
        title: 'lets no project have a second group called default',
        tags: ['negative'],
        covers: [
          'tempest.api.network.test_security_groups_negative.NegativeSecGroupTest.test_create_additional_default_security_group_fails[id-2323061e-9fbf-4eb0-b547-7e8fafc90849]',
        ],
      },
      async ({ openstack }) => {
        const body = { security_group: { name: 'default' } };
        const neutron = talk(openstack, 'network');
        const { kind } = await neutron.refuses(409, 'POST', '/security-groups', body);
        expect(kind).to.equal('SecurityGroupDefaultAlreadyExists');
      },
    );

    it(
      'rule-of-nobody',
      {
        title: 'makes no rule of a group that is not there',
        tags: ['negative'],
        covers: [
          'tempest.api.network.test_security_groups_negative.NegativeSecGroupTest.test_create_security_group_rule_with_non_existent_security_group[id-be308db6-a7cf-4d5c-9baf-71bafd73f35e]',
        ],
      },
      async ({ openstack }) => {
        const body = { security_group_rule: { security_group_id: NOWHERE, ...INGRESS } };
        const neutron = talk(openstack, 'network');
        const { kind } = await neutron.refuses(404, 'POST', '/security-group-rules', body);
        expect(kind).to.equal('SecurityGroupNotFound');
      },
    );

    for (const [name, title, covers, method, path, kind] of [
      [
        'show-missing',
        'does not know a group that is not there',
        'tempest.api.network.test_security_groups_negative.NegativeSecGroupTest.test_show_non_existent_security_group[id-424fd5c3-9ddc-486a-b45f-39bf0c820fc6]',
        'GET',
        '/security-groups',
        'SecurityGroupNotFound',
      ],
      [
        'delete-missing',
        'deletes no group that is not there',
        'tempest.api.network.test_security_groups_negative.NegativeSecGroupTest.test_delete_non_existent_security_group[id-1f1bb89d-5664-4956-9fcd-83ee0fa603df]',
        'DELETE',
        '/security-groups',
        'SecurityGroupNotFound',
      ],
      [
        'show-missing-rule',
        'does not know a rule that is not there',
        'tempest.api.network.test_security_groups_negative.NegativeSecGroupTest.test_show_non_existent_security_group_rule[id-4c094c09-000b-4e41-8100-9617600c02a6]',
        'GET',
        '/security-group-rules',
        'SecurityGroupRuleNotFound',
      ],
    ] as const) {
      it(name, { title, tags: ['negative'], covers: [covers] }, async ({ openstack }) => {
        const refusal = await talk(openstack, 'network').refuses(404, method, `${path}/${NOWHERE}`);
        expect(refusal.kind).to.equal(kind);
      });
    }
  },
);
