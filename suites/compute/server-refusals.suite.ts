import { expect, suite, talk, type CaseContext } from '../../src/conformance/index.ts';
import { NOWHERE, partsOf } from './boot-server.ts';

/** What a new server must not be asked for with: what replaces or joins a proper request. */
const WRONG_REQUESTS: readonly (readonly [name: string, title: string, covers: string, wrong: object])[] = [
  [
    'blank-name',
    'makes no server without a name',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_server_name_blank[id-dbbfd247-c40c-449e-8f6c-d2aa7c7da7cf]',
    { name: '' },
  ],
  [
    'numeric-name',
    'makes no server whose name is a number',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_create_numeric_server_name[id-fd57f159-68d6-4c2a-902b-03070828a87e]',
    { name: 12345 },
  ],
  [
    'long-name',
    'makes no server with a name of more than 255 letters',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_create_server_name_length_exceeds_256[id-c3e0fb12-07fc-4d76-a22e-37409887afe8]',
    { name: 'a'.repeat(256) },
  ],
  [
    'long-metadata',
    'makes no server with a key of metadata of more than 255 letters',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_create_server_metadata_exceeds_length_limit[id-7fc74810-0bd2-4cd7-8244-4f33a9db865a]',
    { metadata: { ['a'.repeat(260)]: 'b' } },
  ],
  [
    'bad-flavor',
    'makes no server of a flavor that is not there',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_create_with_invalid_flavor[id-18f5227f-d155-4429-807c-ccb103887537]',
    { flavorRef: '-1' },
  ],
  [
    'bad-image',
    'makes no server of an image that is not there',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_create_with_invalid_image[id-fcba1052-0a50-4cf3-b1ac-fae241edf02f]',
    { imageRef: '-1' },
  ],
  [
    'bad-network',
    'makes no server on a network whose id is none',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_create_with_invalid_network_uuid[id-4e72dc2d-44c5-4336-9667-f7972e95c402]',
    { networks: [{ uuid: 'a-b-c-d-e-f-g-h-i-j' }] },
  ],
  [
    'bad-address',
    'makes no server to be reached at an IPv6 address that is none',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_invalid_ip_v6_address[id-5226dd80-1e9c-4d8a-b5f9-b26ca4763fd0]',
    { accessIPv6: '2.2.2.2' },
  ],
];

/** What may not be done to a server that is not there. */
const TO_NOBODY: readonly (readonly [
  name: string,
  title: string,
  covers: string,
  ask: readonly [method: string, path: string, body?: object],
])[] = [
  [
    'show-missing',
    'does not know a server that is not there',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_get_non_existent_server[id-3436b02f-1b1e-4f03-881e-c6a602327439]',
    ['GET', `/servers/${NOWHERE}`],
  ],
  [
    'delete-negative',
    'deletes no server with a number below zero for an id',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_delete_server_pass_negative_id[id-75f79124-277c-45e6-a373-a1d6803f4cc4]',
    ['DELETE', '/servers/-1'],
  ],
  [
    'delete-long-id',
    'deletes no server with an id that is too long',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_delete_server_pass_id_exceeding_length_limit[id-f4d7279b-5fd2-4bf2-9ba4-ae35df0d18c5]',
    ['DELETE', '/servers/9223372036854775808'],
  ],
  [
    'update-missing',
    'renames no server that is not there',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_update_name_of_non_existent_server[id-aa8eed43-e2cb-4ebf-930b-da14f6a21d81]',
    ['PUT', `/servers/${NOWHERE}`, { server: { name: 'nobody' } }],
  ],
  [
    'reboot-missing',
    'reboots no server that is not there',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_reboot_non_existent_server[id-d4c023a0-9c55-4747-9dd5-413b820143c7]',
    ['POST', `/servers/${NOWHERE}/action`, { reboot: { type: 'SOFT' } }],
  ],
  [
    'stop-missing',
    'stops no server that is not there',
    'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_stop_non_existent_server[id-a31460a9-49e1-42aa-82ee-06e0bb7c2d03]',
    ['POST', `/servers/${NOWHERE}/action`, { 'os-stop': null }],
  ],
];

suite(
  'compute/server-refusals',
  { title: 'What compute refuses', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const parts = shared(partsOf);
    const request = ({ names }: CaseContext, wrong: object) => ({
      server: { name: names.fresh('server'), ...parts(), ...wrong },
    });

    for (const [name, title, covers, wrong] of WRONG_REQUESTS) {
      it(name, { title, tags: ['negative'], covers: [covers] }, async (context) => {
        const nova = talk(context.openstack, 'compute');
        const { kind } = await nova.refuses(400, 'POST', '/servers', request(context, wrong));
        expect(kind).to.equal('badRequest');
      });
    }

    for (const [name, title, covers, [method, path, body]] of TO_NOBODY) {
      it(name, { title, tags: ['negative'], covers: [covers] }, async ({ openstack }) => {
        const { kind, message } = await talk(openstack, 'compute').refuses(404, method, path, body);
        expect(kind).to.equal('itemNotFound');
        expect(message).to.match(/not (be )?found/);
      });
    }

    it(
      'rebuild-missing',
      {
        title: 'rebuilds no server that is not there',
        tags: ['negative'],
        covers: [
          'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_rebuild_non_existent_server[id-d86141a7-906e-4731-b187-d64a2ea61422]',
        ],
      },
      async ({ openstack }) => {
        const rebuild = { imageRef: parts().imageRef };
        const path = `/servers/${NOWHERE}/action`;
        const { kind } = await talk(openstack, 'compute').refuses(404, 'POST', path, { rebuild });
        expect(kind).to.equal('itemNotFound');
      },
    );
  },
);
