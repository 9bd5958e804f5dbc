import { expect, suite, type KubernetesObject } from '../../src/conformance/index.ts';

interface Node extends KubernetesObject {
  readonly status: {
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
    readonly addresses: readonly { readonly type: string; readonly address: string }[];
    readonly capacity: Readonly<Record<string, string>>;
    readonly nodeInfo: { readonly kubeletVersion: string };
  };
}

suite('kubernetes/nodes', { title: 'Nodes', needs: ['kubernetes'] }, ({ it }) => {
  it(
    'ready',
    { title: 'has nodes, and all of them are ready', tags: ['read', 'smoke'] },
    async ({ kubernetes }) => {
      const nodes = (await kubernetes.list('/api/v1/nodes')) as readonly Node[];
      expect(nodes.length).to.be.greaterThan(0);
      for (const { metadata, status } of nodes) {
        const ready = status.conditions.find(({ type }) => type === 'Ready');
        expect(ready?.status, `${metadata.name} is ready`).to.equal('True');
      }
    },
  );

  it(
    'described',
    { title: 'describes each node by address, capacity and version', tags: ['read'] },
    async ({ kubernetes }) => {
      const nodes = (await kubernetes.list('/api/v1/nodes')) as readonly Node[];
      for (const { metadata, status } of nodes) {
        expect(
          status.addresses.map(({ type }) => type),
          metadata.name,
        ).to.include('InternalIP');
        expect(Number.parseInt(status.capacity['cpu'] ?? '', 10), `${metadata.name} cpu`).to.be.greaterThan(
          0,
        );
        expect(status.capacity['memory'], `${metadata.name} memory`).to.match(/^\d+/);
        expect(status.nodeInfo.kubeletVersion, metadata.name).to.match(/^v1\.\d+/);
        const one = (await kubernetes.get(`/api/v1/nodes/${metadata.name}`)) as Node | undefined;
        expect(one?.metadata.uid).to.equal(metadata.uid);
      }
    },
  );
});
