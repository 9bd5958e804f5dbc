import {
  expect,
  inside,
  makeNamespace,
  suite,
  type CaseContext,
  type Fields,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes'] as const;
const GROUP = 'admissionregistration.k8s.io/v1';

/** A policy for one namespace, found by its label, so that nobody else meets it. */
async function makePolicy(
  context: CaseContext,
  kind: string,
  spec: Fields,
  bindingSpec: Fields = {},
): Promise<string> {
  const { make, names } = context;
  const name = names.fresh('policy');
  const only = { 'squall.dev/policy': name };
  const home = await makeNamespace(context, 'policies', only);
  const resourceRules = [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
  ];
  const matchConstraints = { namespaceSelector: { matchLabels: only }, resourceRules };
  const collection = `/apis/${GROUP}/${kind.toLowerCase().replace(/policy$/, 'policies')}`;
  await make.object(collection, {
    apiVersion: GROUP,
    kind,
    metadata: { name },
    spec: { matchConstraints, ...spec },
  });
  await make.object(`/apis/${GROUP}/${kind.toLowerCase()}bindings`, {
    apiVersion: GROUP,
    kind: `${kind}Binding`,
    metadata: { name },
    spec: { policyName: name, ...bindingSpec },
  });
  return home;
}

/** Tries to create a ConfigMap. */
async function tryConfigMap(
  { kubernetes, names }: CaseContext,
  home: string,
  data: Fields,
): Promise<{ status: number; body: Fields }> {
  const metadata = { name: names.fresh('config') };
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
  return kubernetes.request<Fields>({ method: 'POST', path: inside(home, 'configmaps'), body });
}

suite('kubernetes/admission-policies', { title: 'Policies of admission', needs: NEEDS }, ({ it }) => {
  it(
    'refused',
    {
      title: 'refuses what a policy forbids, with its message, and nothing else',
      tags: ['write', 'negative', 'admin'],
      covers: [
        '[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to refer variables. [Conformance]',
        '[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicyBinding API operations [Conformance]',
      ],
    },
    async (context) => {
      const home = await makePolicy(
        context,
        'ValidatingAdmissionPolicy',
        {
          failurePolicy: 'Fail',
          variables: [{ name: 'colour', expression: "has(object.data) ? object.data['colour'] : ''" }],
          validations: [{ expression: "variables.colour != 'red'", message: 'Red is taken.' }],
        },
        { validationActions: ['Deny'] },
      );
      await context.eventually('the policy is known', async () => {
        const refused = await tryConfigMap(context, home, { colour: 'red' });
        expect(refused.status).to.equal(422);
        expect(refused.body['message']).to.contain('Red is taken.');
      });
      expect((await tryConfigMap(context, home, { colour: 'green' })).status).to.equal(201);
    },
  );

  it(
    'changed',
    {
      title: 'changes what a policy changes before it is stored',
      tags: ['write', 'admin'],
      covers: [
        '[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicyBinding API operations [Conformance]',
      ],
    },
    async (context) => {
      const expression = "Object{data: {'colour': 'green'}}";
      const home = await makePolicy(context, 'MutatingAdmissionPolicy', {
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
      });
      await context.eventually('the policy is known', async () => {
        const { status, body } = await tryConfigMap(context, home, { size: '7' });
        expect(status).to.equal(201);
        expect(body['data']).to.deep.equal({ size: '7', colour: 'green' });
      });
    },
  );
});
