import {
  expect,
  inside,
  makeNamespace,
  suite,
  type CaseContext,
  type KubernetesObject,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes'] as const;

interface Told {
  readonly type: string;
  readonly object: KubernetesObject;
}

/** What a watch tells from a version on, up to a second after it began. */
async function toldSince(
  { kubernetes }: CaseContext,
  collection: string,
  resourceVersion: string | undefined,
  labelSelector?: string,
): Promise<readonly Told[]> {
  const { status, body } = await kubernetes.request<string>({
    method: 'GET',
    path: collection,
    asText: true,
    query: { watch: true, resourceVersion, labelSelector, timeoutSeconds: 1 },
  });
  expect(status).to.equal(200);
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told);
}

async function makeMap(
  { make, names }: CaseContext,
  home: string,
  labels: Record<string, string>,
): Promise<{ path: string; version: string | undefined }> {
  const name = names.fresh('config');
  const collection = inside(home, 'configmaps');
  const { metadata } = await make.object(collection, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels },
  });
  return { path: `${collection}/${name}`, version: metadata.resourceVersion };
}

const turnOf = ({ object }: Told): string => (object['data'] as { turn?: string } | undefined)?.turn ?? '-';

suite('kubernetes/watches', { title: 'Watches and lists', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'watches'));
  const maps = (): string => inside(home(), 'configmaps');

  it(
    'from-version',
    {
      title: 'tells what came after a version, each change once and in order',
      tags: ['write', 'read'],
      covers: [
        '[sig-api-machinery] Watchers should be able to start watching from a specific resource version [Conformance]',
        '[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed by the previous watch [Conformance]',
      ],
    },
    async (context) => {
      const { path, version } = await makeMap(context, home(), { set: 'from' });
      const first = await context.kubernetes.patch(path, { data: { turn: '1' } });
      await context.kubernetes.patch(path, { data: { turn: '2' } });
      const all = await toldSince(context, maps(), version, 'set=from');
      expect(all.map((told) => `${told.type} ${turnOf(told)}`)).to.deep.equal(['MODIFIED 1', 'MODIFIED 2']);
      await context.kubernetes.delete(path);
      const rest = await toldSince(context, maps(), first.metadata.resourceVersion, 'set=from');
      expect(rest.map((told) => `${told.type} ${turnOf(told)}`)).to.deep.equal(['MODIFIED 2', 'DELETED 2']);
    },
  );

  it(
    'out-of-selection',
    {
      title: 'calls deleted what the watcher no longer selects, and added what it does again',
      tags: ['write', 'read'],
      covers: [
        '[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the selector [Conformance]',
      ],
    },
    async (context) => {
      const { path, version } = await makeMap(context, home(), { set: 'in' });
      await context.kubernetes.patch(path, { metadata: { labels: { set: 'out' } }, data: { turn: '1' } });
      await context.kubernetes.patch(path, { data: { turn: '2' } });
      await context.kubernetes.patch(path, { metadata: { labels: { set: 'in' } }, data: { turn: '3' } });
      const told = await toldSince(context, maps(), version, 'set=in');
      expect(told.map(({ type }) => type)).to.deep.equal(['DELETED', 'ADDED']);
      expect(turnOf(told[1] as Told)).to.equal('3');
    },
  );

  it(
    'same-order',
    {
      title: 'tells two watchers the same in the same order',
      tags: ['write', 'read'],
      covers: [
        '[sig-api-machinery] Watchers should receive events on concurrent watches in same order [Conformance]',
      ],
    },
    async (context) => {
      const made = await Promise.all([1, 2, 3].map(() => makeMap(context, home(), { set: 'order' })));
      const since = made.map(({ version }) => Number(version)).sort((a, b) => a - b)[0];
      await Promise.all(made.map(({ path }) => context.kubernetes.patch(path, { data: { turn: '1' } })));
      const [one = [], two = []] = await Promise.all(
        [1, 2].map(() => toldSince(context, maps(), String(since), 'set=order')),
      );
      const versions = (told: readonly Told[]): readonly (string | undefined)[] =>
        told.map(({ object }) => object.metadata.resourceVersion);
      expect(one).to.have.length(5);
      expect(versions(one)).to.deep.equal(versions(two));
    },
  );

  it(
    'in-parts',
    {
      title: 'gives a long list in parts that make the whole, all of the same version',
      tags: ['write', 'read'],
      covers: [
        '[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls [Conformance]',
      ],
    },
    async (context) => {
      await Promise.all([1, 2, 3, 4, 5].map(() => makeMap(context, home(), { set: 'parts' })));
      const names: string[] = [];
      const versions = new Set<string | undefined>();
      let next: string | undefined;
      let left: number | undefined;
      do {
        const { body } = await context.kubernetes.request<{
          metadata: { continue?: string; remainingItemCount?: number; resourceVersion?: string };
          items: readonly KubernetesObject[];
        }>({ method: 'GET', path: maps(), query: { limit: 2, labelSelector: 'set=parts', continue: next } });
        expect(body.items.length).to.be.lessThanOrEqual(2);
        names.push(...body.items.map(({ metadata }) => metadata.name));
        versions.add(body.metadata.resourceVersion);
        next = body.metadata.continue;
        left = body.metadata.remainingItemCount;
      } while (next !== undefined && next !== '');
      expect(new Set(names)).to.have.property('size', 5);
      expect(names).to.have.length(5);
      expect(versions).to.have.property('size', 1);
      expect(left).to.equal(undefined);
    },
  );

  it(
    'no-table',
    {
      title: 'refuses to make a table of what has no rows',
      tags: ['negative'],
      covers: [
        '[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which does not implement metadata [Conformance]',
      ],
    },
    async ({ kubernetes }) => {
      const spec = { nonResourceAttributes: { path: '/', verb: 'get' } };
      const { status } = await kubernetes.request({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
        body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec },
      });
      expect(status).to.equal(406);
    },
  );
});
