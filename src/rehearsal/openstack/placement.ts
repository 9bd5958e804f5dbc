import { route } from './api-service.ts';
import type { ApiService } from './api-service.ts';
import { filtered, ok } from './call.ts';
import { computeTables } from './compute-tables.ts';

export const placement: ApiService = {
  name: 'placement',
  routes: [
    route('GET', '/', 'public', '', () => {
      const links = [{ rel: 'self', href: '' }];
      return ok({
        versions: [{ id: 'v1.0', status: 'CURRENT', max_version: '1.39', min_version: '1.0', links }],
      });
    }),
    route('GET', '/resource_providers', 'admin', 'placement:resource_providers:list', async (call) => {
      const rows = (await computeTables(call.context).agents.all()).map(({ id, host }) => ({
        uuid: id,
        name: host,
        generation: 1,
      }));
      const linked = rows.map((row) => ({
        ...row,
        links: [{ rel: 'self', href: `/resource_providers/${row.uuid}` }],
      }));
      return ok({ resource_providers: filtered(call, linked, ['name', 'uuid']) });
    }),
  ],
  guarded: '/resource_providers',
  microversions: { name: 'placement', major: 1, least: 0, most: 39 },
  internal: 'The server has either erred or is incapable of performing the requested operation.',
  refusal: (rule) => `Access was denied to this resource: ${rule}.`,
  fault: ({ status, message }, { requestId }) => ({
    status,
    body: {
      errors: [
        {
          status,
          title: message.split(/[.:]/)[0],
          detail: message,
          request_id: requestId,
          code: 'placement.undefined_code',
        },
      ],
    },
  }),
};
