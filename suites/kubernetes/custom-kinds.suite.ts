import {
  expect,
  inside,
  makeNamespace,
  suite,
  type CaseContext,
  type Fields,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes'] as const;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { colour: { type: 'string', default: 'green' }, size: { type: 'integer', minimum: 1 } },
    },
  },
};

interface Kind {
  readonly name: string;
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

/** Defines a kind that nobody else has, and waits until it is served. */
async function defineKind({ make, names, kubernetes, eventually }: CaseContext): Promise<Kind> {
  const plural = names.fresh('kind').replaceAll('-', '');
  const group = 'suites.squall.dev';
  const name = `${plural}.${group}`;
  const kind = `K${plural}`;
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: SCHEMA },
    selectableFields: [{ jsonPath: '.spec.colour' }],
  };
  await make.object(DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: plural, kind, listKind: `${kind}List` },
      versions: [version],
    },
  });
  await eventually('the kind is served', async () => {
    const { status } = await kubernetes.request({ method: 'GET', path: `/apis/${group}/v1/${plural}` });
    expect(status).to.equal(200);
  });
  return { name, group, plural, kind };
}

suite('kubernetes/custom-kinds', { title: 'Kinds of our own', needs: NEEDS }, ({ it, shared }) => {
  const place = shared(async (context) => ({
    home: await makeNamespace(context, 'kinds'),
    kind: await defineKind(context),
  }));

  const things = (): string => inside(place().home, place().kind.plural, `${place().kind.group}/v1`);

  /** Tries to create one; the last part of its name is what it is for. */
  const tryThing = (
    { kubernetes, names }: CaseContext,
    spec: Fields,
    query: Record<string, string> = {},
  ): Promise<{ status: number; body: Fields }> => {
    const metadata = { name: names.fresh('thing') };
    const body = { apiVersion: `${place().kind.group}/v1`, kind: place().kind.kind, metadata, spec };
    return kubernetes.request<Fields>({ method: 'POST', path: things(), body, query });
  };

  it(
    'defined-and-forgotten',
    {
      title: 'serves a kind once it is defined, and no longer when its definition is gone',
      tags: ['write', 'admin'],
      covers: [
        '[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition creating/deleting custom resource definition objects works [Conformance]',
      ],
    },
    async (context) => {
      const { name, group, plural } = await defineKind(context);
      expect(await context.kubernetes.delete(`${DEFINITIONS}/${name}`)).to.equal(true);
      await context.eventually('the kind is not served', async () => {
        const { status } = await context.kubernetes.request({
          method: 'GET',
          path: `/apis/${group}/v1/${plural}`,
        });
        expect(status).to.equal(404);
      });
    },
  );

  it(
    'discovered',
    {
      title: 'lists a new kind among those that it serves',
      tags: ['write', 'read'],
      covers: [
        '[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom resource definition resources in discovery documents [Conformance]',
      ],
    },
    async ({ kubernetes, eventually }) => {
      const { group, plural, kind } = place().kind;
      await eventually('it is listed', async () => {
        const { body } = await kubernetes.request<{ resources: readonly { name: string; kind: string }[] }>({
          method: 'GET',
          path: `/apis/${group}/v1`,
        });
        expect(body.resources.find(({ name }) => name === plural)?.kind).to.equal(kind);
      });
    },
  );

  it(
    'defaults',
    {
      title: 'fills in what its schema says when nothing is said',
      tags: ['write'],
      covers: [
        '[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource defaulting for requests and from storage works [Conformance]',
      ],
    },
    async (context) => {
      const { status, body } = await tryThing(context, { size: 2 });
      expect(status).to.equal(201);
      expect(body['spec']).to.deep.equal({ size: 2, colour: 'green' });
    },
  );

  it(
    'schema',
    {
      title: 'refuses what its schema forbids, and drops or refuses what it does not know',
      tags: ['write', 'negative'],
      covers: [
        '[sig-api-machinery] FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema [Conformance]',
      ],
    },
    async (context) => {
      expect((await tryThing(context, { size: 0 })).status).to.equal(422);
      const dropped = await tryThing(context, { size: 2, weight: 'unknown' });
      expect(dropped.status).to.equal(201);
      expect(dropped.body['spec']).to.deep.equal({ size: 2, colour: 'green' });
      const refused = await tryThing(context, { size: 2, weight: 'unknown' }, { fieldValidation: 'Strict' });
      expect(refused.status).to.equal(400);
      expect(refused.body['message']).to.contain('unknown field "spec.weight"');
    },
  );

  it(
    'selected-by-field',
    {
      title: 'lists by a field of its own what has that value, and nothing else',
      tags: ['write', 'read'],
      covers: [
        '[sig-api-machinery] CustomResourceFieldSelectors [Privileged:ClusterAdmin] CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector [Conformance]',
      ],
    },
    async (context) => {
      await tryThing(context, { colour: 'blue' });
      await tryThing(context, { colour: 'yellow' });
      const found = await context.kubernetes.list(things(), { fieldSelector: 'spec.colour=blue' });
      expect(found.map((thing) => (thing['spec'] as { colour: string }).colour)).to.deep.equal(['blue']);
    },
  );

  it(
    'unknown-fields',
    {
      title: 'refuses unknown and double fields of its own kinds where it is asked to be strict',
      tags: ['negative'],
      covers: [
        '[sig-api-machinery] FieldValidation should detect unknown and duplicate fields of a typed object [Conformance]',
      ],
    },
    async ({ kubernetes, names }) => {
      const path = inside(place().home, 'configmaps');
      const create = (body: string): Promise<{ status: number; body: { message?: string } }> =>
        kubernetes.request({
          method: 'POST',
          path,
          body,
          query: { fieldValidation: 'Strict' },
          headers: { 'content-type': 'application/json' },
        });
      const opening = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${names.fresh('config')}"}`;
      const unknown = await create(`${opening},"colour":"green"}`);
      expect(unknown.status).to.equal(400);
      expect(unknown.body.message).to.contain('unknown field "colour"');
      const double = await create(`${opening},"data":{"a":"1"},"data":{"a":"2"}}`);
      expect(double.status).to.equal(400);
      expect(double.body.message).to.contain('duplicate field');
    },
  );
});
