import {
  expect,
  needService,
  orchestration,
  suite,
  talk,
  type CaseContext,
} from '../../src/conformance/index.ts';

/** Resources of Heat alone, which wait for no other service. */
const TEMPLATE = {
  heat_template_version: '2018-08-31',
  description: 'Squall made this.',
  parameters: { word: { type: 'string', default: 'first' } },
  resources: {
    value: { type: 'OS::Heat::Value', properties: { value: { get_param: 'word' } } },
    text: { type: 'OS::Heat::RandomString', properties: { length: 12 } },
  },
  outputs: {
    word: { value: { get_attr: ['value', 'value'] } },
    text: { value: { get_attr: ['text', 'value'] } },
  },
};

/** The same with a network, which belongs to another service. */
const WITH_NETWORK = {
  ...TEMPLATE,
  resources: {
    ...TEMPLATE.resources,
    network: { type: 'OS::Neutron::Net', properties: { admin_state_up: true } },
  },
};

suite(
  'orchestration/stacks',
  { title: 'Stacks', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, beforeEach }) => {
    beforeEach((context) => needService(context, 'orchestration'));

    const untilStack = (context: CaseContext, path: string, status: string) =>
      context.eventually(
        `the stack is ${status}`,
        async () => {
          const { stack } = await talk(context.openstack, 'orchestration').get(path, orchestration.stack);
          expect(stack.stack_status).to.equal(status);
          return stack;
        },
        { every: { ms: 500 } },
      );

    const makeStack = async (context: CaseContext, template: object = TEMPLATE) => {
      const name = context.names.fresh('stack');
      const body = { name, template, timeout_mins: 5 };
      const { id } = await context.make.resource({
        type: 'orchestration',
        path: '/stacks',
        key: 'stack',
        body,
      });
      const path = `/stacks/${name}/${id}`;
      return { name, path, stack: await untilStack(context, path, 'CREATE_COMPLETE') };
    };
    const outputOf = (
      stack: { outputs?: { output_key: string; output_value?: unknown }[] | undefined },
      key: string,
    ) => stack.outputs?.find(({ output_key }) => output_key === key)?.output_value;

    it(
      'life-cycle',
      {
        title: 'is made of a template, listed, updated with another parameter, and deleted',
        tags: ['write', 'smoke', 'scenario'],
      },
      async (context) => {
        const heat = talk(context.openstack, 'orchestration');
        const { name, path, stack } = await makeStack(context);
        expect(outputOf(stack, 'word')).to.equal('first');
        expect(outputOf(stack, 'text')).to.match(/^\w{12}$/);
        const { stacks } = await heat.get(`/stacks?name=${name}`, orchestration.stacks);
        expect(stacks.map(({ stack_name }) => stack_name)).to.deep.equal([name]);
        await heat.put(202, path, { template: TEMPLATE, parameters: { word: 'second' } });
        const updated = await untilStack(context, path, 'UPDATE_COMPLETE');
        expect(outputOf(updated, 'word')).to.equal('second');
        expect(outputOf(updated, 'text')).to.equal(outputOf(stack, 'text'));
        await heat.delete(204, path);
        await context.eventually('the stack is gone from the list', async () => {
          const left = await heat.get(`/stacks?name=${name}`, orchestration.stacks);
          expect(left.stacks).to.deep.equal([]);
        });
      },
    );

    it(
      'resources',
      {
        title: 'makes what belongs to other services, in the name of its user',
        tags: ['write', 'scenario'],
      },
      async (context) => {
        const heat = talk(context.openstack, 'orchestration');
        const { path } = await makeStack(context, WITH_NETWORK);
        const { resources } = await heat.get(`${path}/resources`, orchestration.resources);
        expect(resources.map(({ resource_name }) => resource_name)).to.have.members([
          'network',
          'text',
          'value',
        ]);
        for (const one of resources) expect(one.resource_status).to.equal('CREATE_COMPLETE');
        const id = resources.find(({ resource_name }) => resource_name === 'network')?.physical_resource_id;
        const neutron = context.openstack.service('network');
        const { status } = await neutron.request({ method: 'GET', path: `/networks/${id ?? ''}` });
        expect(status).to.equal(200);
      },
    );

    it(
      'events',
      { title: 'tells what became of each of its resources', tags: ['write'] },
      async (context) => {
        const heat = talk(context.openstack, 'orchestration');
        const { path } = await makeStack(context);
        const { events } = await heat.get(`${path}/resources/text/events`, orchestration.events);
        expect(events.map(({ resource_status }) => resource_status)).to.include.members([
          'CREATE_IN_PROGRESS',
          'CREATE_COMPLETE',
        ]);
      },
    );

    it('template', { title: 'gives back the template it was made of', tags: ['write'] }, async (context) => {
      const { path } = await makeStack(context);
      const template = await talk(context.openstack, 'orchestration').get(
        `${path}/template`,
        orchestration.template,
      );
      expect(template.resources).to.deep.equal(TEMPLATE.resources);
    });

    it('validate', { title: 'says which parameters a template takes', tags: ['read'] }, async (context) => {
      const heat = talk(context.openstack, 'orchestration');
      const answer = await heat.post(200, '/validate', { template: TEMPLATE }, orchestration.validated);
      expect(answer.Description).to.equal(TEMPLATE.description);
      expect(Object.keys(answer.Parameters)).to.deep.equal(['word']);
    });

    it(
      'bad-template',
      { title: 'makes no stack of a template that is none', tags: ['negative'] },
      async (context) => {
        const template = { ...TEMPLATE, heat_template_version: '1999-01-01' };
        const body = { stack_name: context.names.fresh('stack'), template };
        await talk(context.openstack, 'orchestration').refuses(400, 'POST', '/stacks', body);
      },
    );

    it(
      'missing',
      { title: 'does not know a stack that is not there', tags: ['negative'] },
      async (context) => {
        const path = '/stacks/squall-no-such-stack/00000000-0000-4000-8000-000000000000';
        const { kind } = await talk(context.openstack, 'orchestration').refuses(404, 'GET', path);
        expect(kind).to.equal('Not Found');
      },
    );

    it(
      'types',
      { title: 'names the types of resources and the versions of templates it knows', tags: ['read'] },
      async (context) => {
        const heat = talk(context.openstack, 'orchestration');
        const { resource_types: types } = await heat.get('/resource_types', orchestration.resourceTypes);
        expect(types).to.include.members(['OS::Heat::Value', 'OS::Neutron::Net']);
        const { template_versions: versions } = await heat.get(
          '/template_versions',
          orchestration.templateVersions,
        );
        expect(versions.map(({ version }) => version)).to.include('heat_template_version.2018-08-31');
      },
    );
  },
);
