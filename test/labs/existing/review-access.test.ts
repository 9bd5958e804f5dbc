import { expect } from 'chai';
import { describe, it } from 'mocha';
import { lookAtAccess } from '../../../src/entries/look-at-access.ts';
import { ACCESS_FAMILIES } from '../../../src/labs/existing/needed-access.ts';
import { reviewAccess } from '../../../src/labs/existing/review-access.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import type { ApiRequest } from '../../../src/ports/api-client.ts';
import type { KubernetesApi } from '../../../src/ports/kubernetes.ts';

interface Attributes {
  readonly verb: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly path?: string;
}

const signal = new AbortController().signal;

/** A cluster that allows what a test says; notes what it was asked about. */
function reviewing(allows: (attributes: Attributes) => boolean | number | Error): {
  readonly api: Pick<KubernetesApi, 'request'>;
  readonly asked: Attributes[];
} {
  const asked: Attributes[] = [];
  const request = async (order: ApiRequest): Promise<unknown> => {
    await Promise.resolve();
    expect(order.method).to.equal('POST');
    expect(order.path).to.equal('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews');
    const { spec } = order.body as { spec: Record<string, Attributes> };
    const attributes = spec['resourceAttributes'] ?? spec['nonResourceAttributes'] ?? { verb: '' };
    asked.push(attributes);
    const allowed = allows(attributes);
    if (allowed instanceof Error) throw allowed;
    const at = { clock: 'c', ns: 0 };
    const answer = { headers: {}, sent: at, received: at, url: order.path };
    return typeof allowed === 'number'
      ? { ...answer, status: allowed, body: { kind: 'Status' } }
      : { ...answer, status: 201, body: { status: { allowed } } };
  };
  return { api: { request } as unknown as Pick<KubernetesApi, 'request'>, asked };
}

describe('labs/existing: the review of access', () => {
  it('asks about every verb of every rule, by name where a rule has names, and about paths', async () => {
    const { api, asked } = reviewing(() => true);
    await reviewAccess(api, ACCESS_FAMILIES, signal);
    const expected = ACCESS_FAMILIES.flatMap(({ rules, paths = [] }) => [
      ...rules.flatMap(({ verbs, names }) => Array.from({ length: verbs.length * (names?.length ?? 1) })),
      ...paths,
    ]).length;
    expect(asked).to.have.length(expected);
    expect(asked).to.deep.include({ verb: 'get', path: '/version' });
    expect(asked).to.deep.include({ verb: 'create', group: '', resource: 'pods', subresource: 'eviction' });
    expect(asked).to.deep.include({
      verb: 'get',
      group: '',
      resource: 'configmaps',
      namespace: 'kube-system',
      name: 'kubelet-config',
    });
  });

  it('is one line a use where everything is granted', async () => {
    const findings = await lookAtAccess(reviewing(() => true).api, signal);
    expect(findings.map(({ result }) => result)).to.deep.equal(ACCESS_FAMILIES.map(() => 'ok'));
    expect(findings.map(({ check }) => check)).to.include.members([
      'access discovery',
      'optional access suites',
    ]);
  });

  it('names each refusal with the manifest that grants it, and only what is refused', async () => {
    const { api } = reviewing(
      ({ verb, resource }) =>
        !(resource === 'poddisruptionbudgets' || (resource === 'configmaps' && verb === 'delete')),
    );
    const refused = (await lookAtAccess(api, signal)).filter(({ result }) => result === 'no');
    expect(
      refused.map(({ check, says, remedy }) => `${check}: ${says.split('.')[0] ?? ''} -> ${remedy}`),
    ).to.deep.equal([
      'access discovery: may not list poddisruptionbudgets -> kubectl apply -f docs/rbac/discovery.yaml',
      'optional access probing: may not delete configmaps in default -> kubectl apply -f docs/rbac/probing.yaml',
      'optional access agreement with other machines: may not delete configmaps in squall-state -> kubectl apply -f docs/rbac/shared-state.yaml',
      'optional access suites: may not delete configmaps -> kubectl apply -f docs/rbac/suites.yaml',
    ]);
  });

  for (const [title, answer] of [
    ['a cluster without reviews', 404],
    ['an answer that says nothing', 200],
    ['no answer', new HarnessError('SQ_UNREACHABLE', 'nobody answered')],
  ] as const) {
    it(`takes ${title} for neither yes nor no, and says so once`, async () => {
      const findings = await lookAtAccess(reviewing(() => answer).api, signal);
      expect(findings.map(({ check, result }) => `${check}: ${result}`)).to.deep.equal(['access: unknown']);
      expect(findings[0]?.says).to.include(typeof answer === 'number' ? String(answer) : 'nobody answered');
    });
  }
});
