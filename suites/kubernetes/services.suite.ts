import { expect, makeNamespace, suite, type KubernetesObject } from '../../src/conformance/index.ts';

interface Service extends KubernetesObject {
  readonly spec: {
    readonly clusterIP?: string;
    readonly type: string;
    readonly ports: readonly { readonly name?: string; readonly port: number; readonly protocol: string }[];
  };
}

interface EndpointSlice extends KubernetesObject {
  readonly addressType: string;
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly conditions: { readonly ready?: boolean };
  }[];
  readonly ports: readonly { readonly name?: string; readonly port: number }[];
}

suite(
  'kubernetes/services',
  { title: 'Services and endpoint slices', needs: ['kubernetes'] },
  ({ it, shared }) => {
    const home = shared(
      async (context) => `/api/v1/namespaces/${await makeNamespace(context, 'services')}/services`,
    );

    it(
      'api-service',
      {
        title: 'offers the API server as a service of the cluster',
        tags: ['read', 'smoke'],
        covers: ['[sig-network] API Server should provide secure master service [Conformance]'],
      },
      async ({ kubernetes }) => {
        const service = (await kubernetes.get('/api/v1/namespaces/default/services/kubernetes')) as
          Service | undefined;
        expect(service?.spec.type).to.equal('ClusterIP');
        expect(service?.spec.clusterIP).to.match(/^[\d.]+$|:/);
        expect(
          service?.spec.ports.map(({ name, port, protocol }) => ({ name, port, protocol })),
        ).to.deep.include({
          name: 'https',
          port: 443,
          protocol: 'TCP',
        });
      },
    );

    it(
      'api-endpoints',
      {
        title: 'lists ready endpoints of the API server',
        tags: ['read'],
        covers: [
          '[sig-network] API Server should have Endpoints and EndpointSlices pointing to API Server [Conformance]',
        ],
      },
      async ({ kubernetes }) => {
        const slices = (await kubernetes.list('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
          labelSelector: 'kubernetes.io/service-name=kubernetes',
        })) as readonly EndpointSlice[];
        expect(slices.length).to.be.greaterThan(0);
        const ready = slices
          .flatMap(({ endpoints }) => endpoints)
          .filter(({ conditions }) => conditions.ready !== false);
        expect(ready.length, 'ready endpoints').to.be.greaterThan(0);
        expect(ready.every(({ addresses }) => addresses.length > 0)).to.equal(true);
        expect(slices.every(({ ports }) => ports.some(({ port }) => port > 0))).to.equal(true);
      },
    );

    it(
      'cluster-ip',
      { title: 'gives a new service an address that stays', tags: ['write'] },
      async ({ kubernetes, make, names }) => {
        const name = names.fresh('service');
        const created = (await make.object(home(), {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name },
          spec: { selector: { app: name }, ports: [{ name: 'web', port: 80, targetPort: 8080 }] },
        })) as Service;
        expect(created.spec.clusterIP).to.match(/^[\d.]+$|:/);
        await kubernetes.patch(`${home()}/${name}`, { metadata: { annotations: { turn: '2' } } });
        const read = (await kubernetes.get(`${home()}/${name}`)) as Service | undefined;
        expect(read?.metadata.annotations?.['turn']).to.equal('2');
        expect(read?.spec.clusterIP).to.equal(created.spec.clusterIP);
        expect(read?.spec.ports[0]).to.deep.include({ name: 'web', port: 80, protocol: 'TCP' });
      },
    );

    it(
      'invalid-port',
      { title: 'refuses a port above 65535', tags: ['negative'] },
      async ({ kubernetes, names }) => {
        const body = {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: names.fresh('service') },
          spec: { ports: [{ port: 70_000 }] },
        };
        const refused = await kubernetes.request<{ reason: string }>({ method: 'POST', path: home(), body });
        expect(refused.status).to.equal(422);
        expect(refused.body.reason).to.equal('Invalid');
      },
    );
  },
);
