import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { confirmTargets } from '../../../src/chaos/bind-targets.ts';
import { faultRegistry } from '../../../src/chaos/fault-registry.ts';
import { createClusterState } from '../../../src/custody/cluster-state.ts';
import { PRESSURE_KINDS } from '../../../src/model/abilities.ts';
import type { LockHolder } from '../../../src/ports/state-store.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import {
  ACCESS_FAMILIES,
  type AccessFamily,
  type AccessRule,
} from '../../../src/labs/existing/needed-access.ts';
import type { HealingEntry } from '../../../src/model/injection.ts';
import type { BoundTarget } from '../../../src/model/schedule.ts';
import { grantsOf, isGranted, letsThrough, needsOf, readManifest } from './granted-access.ts';
import { askedBetweenNodes, askedByProbes, RecordedCluster } from './recorded-requests.ts';
import { attributesOf, type Asked } from './recording-proxy.ts';

const family = (name: string): AccessFamily => {
  const found = ACCESS_FAMILIES.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no family ${name}`);
  return found;
};
const show = (asked: Asked): string => JSON.stringify(asked);
const refused = (asked: readonly Asked[], ...names: string[]): string[] =>
  asked.filter((each) => !isGranted(each, names.map(family))).map(show);

/** Verbs that a family grants and that nobody was seen to use. */
function unused(asked: readonly Asked[], rules: readonly AccessRule[]): string[] {
  return rules.flatMap((rule) =>
    rule.verbs
      .filter((verb) => !asked.some((each) => each.verb === verb && letsThrough(rule, each)))
      .map((verb) => `${verb} ${rule.group}/${rule.resource}`),
  );
}

describe('labs/existing: the access that Squall needs', function () {
  this.timeout(30_000);
  let cluster: RecordedCluster;
  before(async () => {
    cluster = await RecordedCluster.start();
  });
  after(() => cluster.stop());

  it('has a manifest for each use, and a use for each manifest', () => {
    const files = readdirSync(join('docs', 'rbac')).filter((file) => file.endsWith('.yaml'));
    expect(ACCESS_FAMILIES.map(({ manifest }) => manifest)).to.have.members(files);
  });

  for (const each of ACCESS_FAMILIES) {
    it(`grants in docs/rbac/${each.manifest} what it needs for ${each.name}, and no more`, () => {
      expect(grantsOf(readManifest(each.manifest))).to.deep.equal(needsOf(each));
    });
  }

  it('grants no wildcard to anybody', () => {
    const wild = ACCESS_FAMILIES.flatMap(({ rules }) => rules).filter(({ group, resource, verbs }) =>
      [group, resource, ...verbs].some((word) => word.includes('*')),
    );
    expect(wild).to.deep.equal([]);
  });

  it('covers what discovery asks, and nothing that it does not ask', async () => {
    const asked = await cluster.during(() => cluster.discover());
    const names = ['discovery', 'discovery of OpenStack-Helm', 'discovery of chart releases'];
    expect(asked.length).to.be.greaterThan(15);
    expect(refused(asked, ...names)).to.deep.equal([]);
    expect(
      unused(
        asked,
        names.flatMap((name) => family(name).rules),
      ),
    ).to.deep.equal([]);
    // Without the two optional ones it asks all the same, and must live with being refused.
    expect(refused(asked, 'discovery').every((each) => /secrets|"openstack"/.test(each))).to.equal(true);
  });

  it('covers what probes and watchers ask', async () => {
    const asked = [...(await cluster.during(() => cluster.watch())), ...askedByProbes()];
    const names = ['probing', 'watching OpenStack'];
    expect(refused(asked, ...names)).to.deep.equal([]);
    // The sweeper lists what a probe may have left.
    const rules = names.flatMap((name) => family(name).rules);
    expect(unused(asked, rules)).to.deep.equal(['list /configmaps']);
    // Without the optional one a watcher asks all the same, and must live with being refused.
    expect(refused(asked, 'probing').every((each) => each.includes('proxy'))).to.equal(true);
  });

  it('covers what the probe between nodes asks, and nothing that it does not ask', async () => {
    const asked = await askedBetweenNodes();
    expect(refused(asked, 'probing between nodes')).to.deep.equal([]);
    expect(unused(asked, family('probing between nodes').rules)).to.deep.equal([]);
  });

  it('covers what the suites ask and what the sweeper asks after them', async () => {
    const asked = await cluster.during(() => cluster.runSuites());
    expect(refused(asked, 'suites')).to.deep.equal([]);
    expect(unused(asked, family('suites').rules)).to.deep.equal([]);
    const written = asked.filter(({ verb }) => ['create', 'update', 'patch', 'delete'].includes(verb));
    const outside = written.filter(
      ({ namespace, resource, verb }) =>
        !(namespace?.startsWith('sq-') === true || (resource === 'namespaces' && verb === 'create')),
    );
    expect(outside.map(show), 'the admission policy would refuse these').to.deep.equal([]);
  });

  it('covers what runs of several machines ask to agree', async () => {
    const clock = createSystemClock();
    const state = createClusterState({ kubernetes: cluster.kubernetes, clock, isGone: () => false });
    const since = clock.wall();
    const holder = { run: 'rec', host: 'here', pid: 1, since } as unknown as LockHolder;
    const agree = async (): Promise<void> => {
      await state.lock('cloud', holder);
      await state.renew('cloud', 'rec');
      await state.holders();
      await state.unlock('cloud', 'rec');
      await state.stop({ by: 'me', why: 'once', since });
      await state.stop({ by: 'me', why: 'twice', since });
      await state.stopped();
      await state.allow();
    };
    // The manifest brings the namespace along; without it the first to come makes it.
    expect(refused(await cluster.during(agree), 'agreement with other machines').length).to.equal(1);
    const asked = await cluster.during(agree);
    expect(refused(asked, 'agreement with other machines')).to.deep.equal([]);
  });

  it('covers what deleting a pod asks', async () => {
    const pods = await cluster.kubernetes.list('/api/v1/namespaces/openstack/pods');
    const pod = pods.find(({ metadata }) => metadata.name.startsWith('keystone-api'))?.metadata;
    const target = {
      subject: 'pod',
      name: pod?.name ?? '',
      namespace: 'openstack',
      uid: pod?.uid ?? '',
      node: '',
    } as const;
    const entry = {
      id: 'e',
      run: 'rec',
      targets: [target],
      from: [],
      parameters: {},
    } as unknown as HealingEntry;
    const fault = faultRegistry.find(({ name }) => name === 'pod-delete');
    const tools = { kubernetes: cluster.kubernetes, clock: createSystemClock(), run: 'rec' } as never;
    const signal = new AbortController().signal;
    const asked = await cluster.during(async () => {
      await fault?.inject(entry, tools, signal);
      await fault?.verify(entry, tools, signal);
    });
    expect(asked.map(({ verb }) => verb)).to.include.members(['delete', 'get']);
    expect(refused(asked, 'faults on pods')).to.deep.equal([]);
  });

  it('covers the last look at a target before it is hurt', async () => {
    const [node] = await cluster.kubernetes.list('/api/v1/nodes');
    const [pod] = await cluster.kubernetes.list('/api/v1/namespaces/openstack/pods');
    const uid = (object: typeof node): string => object?.metadata.uid ?? '';
    const name = node?.metadata.name ?? '';
    const onNode = { subject: 'node', name, node: name, uid: uid(node) } as const;
    const onPod = {
      ...onNode,
      subject: 'pod',
      name: pod?.metadata.name ?? '',
      namespace: 'openstack',
      uid: uid(pod),
      node: (pod?.['spec'] as { readonly nodeName: string }).nodeName,
    } as const;
    const tools = { kubernetes: cluster.kubernetes } as never;
    const confirm = (target: BoundTarget): Promise<readonly Asked[]> =>
      cluster.during(() =>
        confirmTargets(
          { targets: [target], from: [] },
          tools,
          () => Promise.reject(new Error('the API can be asked')),
          new AbortController().signal,
        ),
      );
    const nodes = await confirm(onNode);
    expect(nodes.map(({ verb, resource }) => `${verb} ${resource ?? ''}`)).to.deep.equal(['get nodes']);
    expect(refused(nodes, 'faults on units and links of nodes')).to.deep.equal([]);
    expect(refused(nodes, 'faults on nodes through the API')).to.deep.equal([]);
    expect(refused(await confirm(onPod), 'faults on pods')).to.deep.equal([]);
  });

  it('lets each fault through that a kubeconfig is enough for', () => {
    // What takes power over machines, or queue disciplines on them.
    const beyond = new Set<string>([
      'power',
      'freeze',
      'snapshot',
      'containers',
      'container-freeze',
      'link-delay',
      'link-limit',
      // What takes a program on the node that stays.
      ...PRESSURE_KINDS.map((kind) => `pressure-${kind}`),
    ]);
    const possible = faultRegistry.filter(({ needs }) => !needs.some((ability) => beyond.has(ability)));
    const named = ACCESS_FAMILIES.flatMap(({ faults }) => faults);
    expect(possible.map(({ name }) => name).filter((name) => !named.includes(name))).to.deep.equal([]);
  });

  it('refuses by admission what RBAC cannot: writing outside of namespaces of its own', () => {
    const manifests = readManifest('suites.yaml');
    const policy = manifests.find(({ kind }) => kind === 'ValidatingAdmissionPolicy');
    const text = JSON.stringify(policy?.['spec']);
    expect(text)
      .to.include("request.namespace.startsWith('sq-')")
      .and.include('system:serviceaccount:squall:squall');
    const writable = family('suites').rules.filter(({ verbs }) => verbs.includes('create'));
    for (const { group, resource } of writable)
      expect(text, resource).to.include(`"${resource}"`).and.include(`"${group}"`);
    const binding = manifests.find(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    expect(binding?.['spec']).to.deep.equal({ policyName: 'squall-suites', validationActions: ['Deny'] });
  });
});

describe('labs/existing: a request as an authorizer sees it', () => {
  const rows: readonly [string, string, string][] = [
    ['GET', '/api/v1/pods?limit=500', 'list /pods'],
    ['GET', '/api/v1/namespaces/a/pods?watch=true', 'watch /pods a'],
    ['GET', '/api/v1/namespaces/a/pods/p/log', 'get /pods/log a p'],
    ['GET', '/api/v1/namespaces/a', 'get /namespaces a a'],
    ['PUT', '/api/v1/namespaces/a/finalize', 'update /namespaces/finalize a a'],
    ['POST', '/api/v1/namespaces/a/pods/p/eviction', 'create /pods/eviction a p'],
    ['DELETE', '/apis/apps/v1/namespaces/a/deployments', 'deletecollection apps/deployments a'],
    ['PATCH', '/api/v1/nodes/n', 'patch /nodes n'],
    ['GET', '/apis/apps/v1', 'get /apis/apps/v1'],
  ];
  for (const [method, url, expected] of rows) {
    it(`${method} ${url}`, () => {
      const { verb, group, resource, namespace, name, path } = attributesOf(method, url);
      const what = path ?? `${group ?? ''}/${resource ?? ''}`;
      expect([verb, what, namespace, name].filter((word) => word !== undefined).join(' ')).to.equal(expected);
    });
  }
});
