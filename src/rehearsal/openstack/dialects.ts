import { STATUS_CODES } from 'node:http';
import type { OpenStackService } from '../replica.ts';
import type { ApiFault, Json } from './call.ts';

/** How a service speaks, whatever it serves. */
export interface Dialect {
  /** In the catalogue. */
  readonly type: string;
  /** The path of the versioned API, below which everything asks for a token. */
  readonly root: string;
  /** The id of its version, and the status of `GET /` where that is not 200. */
  readonly version: string;
  readonly choices?: 300;
  /** The name in `OpenStack-API-Version`, and which it speaks. */
  readonly microversions?: readonly [name: string, least: string, most: string];
  /** The path in the catalogue, where that is not the root. */
  readonly registered?: string;
  readonly updatedBy?: 'PATCH';
  fault(fault: ApiFault): Json;
  /** A list: `next` is path and query of the next page, and `front` the URL of the service. */
  listed(plural: string, rows: readonly Json[], next: string | undefined, front: string): Json;
}

const title = (status: number): string => STATUS_CODES[status] ?? '';

const FAULTS: Readonly<Record<number, string>> = { 400: 'badRequest', 403: 'forbidden', 404: 'itemNotFound' };

/** A dialect that is Nova's where nothing else is said. */
const dialect = (type: string, root: string, version: string, more: Partial<Dialect>): Dialect => ({
  ...{ type, root, version },
  fault: ({ status: code, message }) => ({ [FAULTS[code] ?? 'computeFault']: { code, message } }),
  listed: (plural, rows, next, front) => ({
    [plural]: rows,
    ...(next && { [`${plural}_links`]: [{ rel: 'next', href: front + next }] }),
  }),
  ...more,
});

export const DIALECTS: Readonly<Record<OpenStackService, Dialect>> = {
  keystone: dialect('identity', '/v3', 'v3.14', {
    choices: 300,
    updatedBy: 'PATCH',
    fault: ({ status, message }) => ({ error: { code: status, message, title: title(status) } }),
    listed: (plural, rows) => ({ [plural]: rows, links: { next: null, previous: null } }),
  }),
  nova: dialect('compute', '/v2.1', 'v2.1', { microversions: ['compute', '2.1', '2.96'] }),
  neutron: dialect('network', '/v2.0', 'v2.0', {
    registered: '',
    fault: ({ status, message, type }) => ({
      NeutronError: { type: type || `HTTP${title(status).replaceAll(' ', '')}`, message, detail: '' },
    }),
  }),
  glance: dialect('image', '/v2', 'v2.15', {
    choices: 300,
    registered: '',
    fault: ({ status, message }) => ({ message, code: `${status} ${title(status)}` }),
    listed: (plural, rows, next) => ({ [plural]: rows, first: `/v2/${plural}`, ...(next && { next }) }),
  }),
  cinder: dialect('volumev3', '/v3', 'v3.0', { choices: 300, microversions: ['volume', '3.0', '3.70'] }),
  // It is there to be discovered: all that it serves is its version.
  placement: dialect('placement', '', 'v1.0', {
    microversions: ['placement', '1.0', '1.39'],
    fault: ({ status, message }) => ({ errors: [{ status, title: title(status), detail: message }] }),
  }),
};
