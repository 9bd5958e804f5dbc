import { STATUS_CODES } from 'node:http';
import type { OpenStackService } from '../replica.ts';
import type { ApiFault, Json } from './call.ts';

/** How a service speaks, whatever it serves. */
export interface Dialect {
  /** In the catalogue. */
  readonly type: string;
  /** The path of the versioned API, below which everything asks for a token. */
  readonly root: string;
  /** The path in the catalogue, where that is not the root. */
  readonly registered?: string;
  /** Its version document, without links, and the status of `GET /` where that is not 200. */
  readonly document: Readonly<Record<string, string>>;
  readonly choices?: number;
  /** Its name in `OpenStack-API-Version`; its microversions are in the document. */
  readonly microversions?: string;
  readonly updatedBy?: 'PATCH';
  fault(fault: ApiFault): Json;
  /** A list: `next` is path and query of the next page, and `front` the URL of the service. */
  listed(plural: string, rows: readonly Json[], next: string | undefined, front: string): Json;
}

const COMPUTE_FAULTS: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  409: 'conflictingRequest',
};

/** As Nova speaks, and the others where they do not differ. */
const COMMON = {
  document: { id: 'v2.0', status: 'CURRENT' },
  fault: ({ status, message }) => ({ [COMPUTE_FAULTS[status] ?? 'computeFault']: { code: status, message } }),
  listed: (plural, rows, next, front) => ({
    [plural]: rows,
    ...(next && { [`${plural}_links`]: [{ rel: 'next', href: front + next }] }),
  }),
} satisfies Partial<Dialect>;

const title = (status: number): string => STATUS_CODES[status] ?? '';

const CURRENT = { status: 'CURRENT' };

export const DIALECTS: Readonly<Record<OpenStackService, Dialect>> = {
  keystone: {
    type: 'identity',
    root: '/v3',
    document: { id: 'v3.14', status: 'stable' },
    choices: 300,
    updatedBy: 'PATCH',
    fault: ({ status, message }) => ({ error: { code: status, message, title: title(status) } }),
    listed: (plural, rows) => ({ [plural]: rows, links: { next: null, previous: null } }),
  },
  nova: {
    ...COMMON,
    type: 'compute',
    root: '/v2.1',
    document: { ...CURRENT, id: 'v2.1', min_version: '2.1', version: '2.96' },
    microversions: 'compute',
  },
  neutron: {
    ...COMMON,
    type: 'network',
    root: '/v2.0',
    registered: '',
    fault: ({ status, message, type }) => ({
      NeutronError: { type: type || `HTTP${title(status).replaceAll(' ', '')}`, message, detail: '' },
    }),
  },
  glance: {
    ...COMMON,
    type: 'image',
    root: '/v2',
    registered: '',
    choices: 300,
    fault: ({ status, message }) => ({ message, code: `${status} ${title(status)}` }),
    listed: (plural, rows, next) => ({ [plural]: rows, first: `/v2/${plural}`, ...(next && { next }) }),
  },
  cinder: {
    ...COMMON,
    type: 'volumev3',
    root: '/v3',
    document: { ...CURRENT, id: 'v3.0', min_version: '3.0', version: '3.70' },
    choices: 300,
    microversions: 'volume',
  },
  // It is there to be discovered: all that it serves is its version.
  placement: {
    ...COMMON,
    type: 'placement',
    root: '',
    document: { ...CURRENT, id: 'v1.0', min_version: '1.0', max_version: '1.39' },
    fault: ({ status, message }) => ({ errors: [{ status, title: title(status), detail: message }] }),
  },
};
