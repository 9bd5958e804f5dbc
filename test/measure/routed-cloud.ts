import type { ApiRequest } from '../../src/ports/api-client.ts';
import type { OpenStackApi } from '../../src/ports/openstack.ts';

type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** Of the lists that every test begins with. */
const SEED: Readonly<Record<string, readonly Row[]>> = {
  '/images': [
    { id: 'i-big', name: 'fedora', status: 'active', visibility: 'public', size: 400 },
    { id: 'i-guest', name: 'guest', status: 'active', visibility: 'public', size: 1 },
    { id: 'i-own', name: 'own', status: 'active', visibility: 'private', size: 0 },
  ],
  '/flavors': [
    { id: 'f-2', name: 'm1.small', ram: 256, disk: 1 },
    { id: 'f-1', name: 'm1.tiny', ram: 128, disk: 1 },
  ],
  '/networks': [
    { id: 'n-office', name: 'office', shared: true, subnets: ['s-1'] },
    { id: 'n-public', name: 'public', shared: true, 'router:external': true, subnets: ['s-2'] },
  ],
  '/extensions': [
    { id: '', alias: 'router' },
    { id: '', alias: 'security-group' },
  ],
};

/** A cloud in memory with routers and floating addresses, which the model of the rehearsal has not. Servers are up at the second look. */
export class RoutedCloud {
  readonly rows = new Map<string, Row[]>(Object.entries(SEED).map(([path, rows]) => [path, [...rows]]));
  readonly acts: string[] = [];
  status = 'ACTIVE';
  #looks = 0;
  #next = 1;

  readonly api = {
    cloud: 'routed',
    listAll: (_type: string, path: string) => {
      const { pathname, searchParams } = new URL(path, 'http://cloud');
      const rows = this.rows.get(pathname.replace('/detail', '')) ?? [];
      const wanted = [...searchParams].filter(([key]) => key !== 'status');
      return Promise.resolve(rows.filter((row) => wanted.every(([key, value]) => row[key] === value)));
    },
    service: () => ({ request: (request: ApiRequest) => Promise.resolve(this.#answer(request)) }),
    access: () => Promise.resolve({ url: 'https://cloud/v2.1', headers: {}, verify: true }),
  } as unknown as OpenStackApi;

  #answer({ method, path, body }: ApiRequest): { readonly status: number; readonly body: unknown } {
    if (method === 'PUT') {
      this.acts.push(`PUT ${path.replace(/\/[a-z]+-\d+\//, '/*/')}`);
      const [, , router = ''] = path.split('/');
      const plug = { id: `p-${this.#next++}`, device_id: router, network_id: this.#idOf('/networks', 'net') };
      this.rows.set('/ports', [...(this.rows.get('/ports') ?? []), plug]);
      return { status: 200, body: {} };
    }
    if (method === 'GET') {
      const looked = this.#looks++ > 0 ? this.status : 'BUILD';
      return { status: 200, body: { server: { status: looked, fault: { message: 'No valid host' } } } };
    }
    const [key = '', given] = Object.entries(body as Record<string, Record<string, unknown>>)[0] ?? [];
    const number = this.#next++;
    const made = {
      id: `${key}-${number}`,
      ...given,
      fixed_ips: [{ ip_address: `10.231.77.${number}` }],
      floating_ip_address: `203.0.113.${number}`,
    };
    this.acts.push(
      `POST ${path} ${[given?.['name'], given?.['description']].find((word) => typeof word === 'string') ?? ''}`.trim(),
    );
    this.rows.set(path, [...(this.rows.get(path) ?? []), made]);
    return { status: 201, body: { [key]: made } };
  }

  #idOf(path: string, end: string): string {
    return this.rows.get(path)?.find(({ name }) => String(name).endsWith(end))?.id ?? '';
  }
}
