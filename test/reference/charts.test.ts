import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { parseAllDocuments } from 'yaml';
import { makeSecrets, OUTSIDE, OUTSIDE_CARD, valuesOf } from '../../src/labs/reference/cloud/cloud-values.ts';
import { STAGES } from '../../src/labs/reference/cloud/deploy-cloud.ts';
import { SHARED_MOUNT } from '../../src/labs/reference/render/node-files.ts';
import { HOST_ADDRESS, NODE_SHAPES } from '../../src/labs/reference/shape.ts';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import type { ClusterObjects } from '../../src/topology/cluster-objects.ts';
import { describeWorkloads } from '../../src/topology/describe-workloads.ts';
import { openstackHelm } from '../../src/topology/distributions/openstack-helm.ts';
import { readTimers } from '../../src/topology/read-timers.ts';
import { rolesOf } from '../../src/topology/roles.ts';
import { madePart } from './made-part.ts';

const CHARTS = join('reference', 'charts');
const NAMES = readdirSync(CHARTS).filter((name) => name !== 'toolkit');

interface Pods {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly affinity?: { readonly podAntiAffinity?: Readonly<Record<string, unknown>> };
    readonly containers: readonly { readonly image: string; readonly readinessProbe?: object }[];
  };
}
type Rendered = KubernetesObject & {
  readonly spec?: { readonly replicas?: number; readonly template?: Pods };
};

const chance = { token: (length: number): string => 'x'.repeat(length) };

describe('charts of the cloud, by the real Helm', () => {
  let folder = '';
  const rendered = new Map<string, readonly Rendered[]>();

  before(async () => {
    const helm = await madePart('helm');
    folder = mkdtempSync(join(tmpdir(), 'squall-charts-'));
    const values = join(folder, 'values.json');
    writeFileSync(values, JSON.stringify(valuesOf(makeSecrets(chance), 'PEM')));
    for (const name of NAMES) {
      cpSync(join(CHARTS, name), join(folder, name), { recursive: true });
      cpSync(join(CHARTS, 'toolkit'), join(folder, name, 'charts', 'toolkit'), { recursive: true });
      const argv = ['template', name, join(folder, name), '--namespace', 'openstack', '--values', values];
      const text = execFileSync(helm, argv, { encoding: 'utf8', env: { HOME: folder } });
      const objects = parseAllDocuments(text).map((document) => document.toJS() as Rendered | null);
      rendered.set(
        name,
        objects.filter((object) => object !== null),
      );
    }
  });
  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  const all = (kind: string): readonly Rendered[] =>
    [...rendered.values()].flat().filter((object) => (object as { kind?: string }).kind === kind);
  const workloads = (): readonly Rendered[] => ['Deployment', 'StatefulSet', 'DaemonSet'].flatMap(all);

  it('makes what OpenStack-Helm makes, so that discovery knows each for what it is', () => {
    const found = Object.fromEntries(
      workloads().map((object) => {
        const known = openstackHelm.identify?.(object) ?? { service: '', component: '' };
        const names = [`${known.service}-${known.component}`, object.metadata.name];
        return [object.metadata.name, `${known.service} ${rolesOf(names, undefined).join()}`];
      }),
    );
    expect(found).to.deep.include({
      'mariadb-server': 'mariadb database',
      'rabbitmq-rabbitmq': 'rabbitmq queue',
      'memcached-memcached': 'memcached cache',
      'keystone-api': 'keystone api',
      'glance-api': 'glance api',
      'nova-api-osapi': 'nova api',
      'nova-conductor': 'nova controller',
      'nova-compute-default': 'nova agent',
      'nova-guests-default': 'nova ',
      'neutron-server': 'neutron api',
      'neutron-ovs-agent-default': 'neutron agent',
      'cinder-volume': 'cinder controller',
      'heat-engine': 'heat controller',
    });
  });

  it('never puts two replicas on one node, and lets one go at a time', () => {
    const budgets = all('PodDisruptionBudget').map(({ metadata }) => metadata.name);
    const several = workloads().filter(({ spec }) => (spec?.replicas ?? 0) > 1);
    expect(several).to.have.length(16);
    for (const { metadata, spec } of several) {
      const rules = spec?.template?.spec.affinity?.podAntiAffinity ?? {};
      expect(rules, metadata.name).to.have.property('requiredDuringSchedulingIgnoredDuringExecution');
      expect(budgets, metadata.name).to.include(metadata.name);
    }
  });

  it('asks every API whether it answers, before it gets requests', () => {
    const apis = all('Deployment').filter(({ metadata }) => /api|server$/.test(metadata.name));
    const asked = apis.filter(({ metadata }) => metadata.name !== 'neutron-rpc-server');
    expect(asked).to.have.length(7);
    for (const { metadata, spec } of asked)
      expect(spec?.template?.spec.containers[0]?.readinessProbe, metadata.name).to.have.property('httpGet');
  });

  it('waits only for jobs and services that there are', () => {
    const jobs = new Set(all('Job').map(({ metadata }) => metadata.name));
    const services = new Set(all('Service').map(({ metadata }) => metadata.name));
    const text = JSON.stringify([...rendered.values()]);
    const waits = [...text.matchAll(/\{\\+"jobs\\+":(\[.*?\]),\\+"services\\+":(\[.*?\])\}/g)];
    expect(waits.length).to.be.greaterThan(20);
    const unslash = (list: string): readonly string[] => JSON.parse(list.replaceAll('\\', '')) as string[];
    for (const [, named = '[]', places = '[]'] of waits) {
      for (const job of unslash(named)) expect(jobs).to.include(job);
      for (const place of unslash(places)) expect(services).to.include(place.split('.')[0]);
    }
  });

  it('deploys every chart that there is, in one stage each', () => {
    expect([...STAGES.flat()].sort()).to.deep.equal([...NAMES].sort());
  });

  it('has times that discovery reads out of its live configuration', () => {
    const files = ['ConfigMap', 'Secret'].flatMap((kind) =>
      all(kind).flatMap((object) =>
        Object.entries((object['data'] ?? object['stringData'] ?? {}) as Record<string, string>).map(
          ([name, text]) => ({ from: `${kind.toLowerCase()} openstack/${object.metadata.name}`, name, text }),
        ),
      ),
    );
    const none = {
      namespaces: [],
      nodes: [],
      pods: [],
      budgets: [],
      leases: [],
      units: [],
      blind: [],
      unread: [],
    };
    const objects: ClusterObjects = {
      version: 'v1.36.3',
      ...none,
      ...{ deployments: all('Deployment'), statefulsets: all('StatefulSet'), daemonsets: all('DaemonSet') },
      files,
    };
    const { timers } = readTimers(objects, describeWorkloads(objects, [openstackHelm]));
    const set = Object.fromEntries(
      timers.filter(({ origin }) => origin !== 'default').map(({ name, value }) => [name, value.ms]),
    );
    expect(set).to.deep.include({
      'cloud-check-interval': 2000,
      'cloud-check-ejection': 6000,
      'database-suspect-timeout': 2000,
      'database-inactive-timeout': 5000,
      'service-down-time': 12_000,
      'report-interval': 4000,
      'agent-down-time': 12_000,
      'agent-report-interval': 4000,
      'rpc-response-timeout': 20_000,
      'queue-heartbeat-timeout': 10_000,
    });
    // Three adverts of a second, and the skew of the lowest priority.
    expect(set['cloud-address-failover']).to.be.within(3000, 4000);
  });

  it('gives replicas of Glance, and Cinder wherever it runs, one folder that all nodes see', () => {
    const paths = JSON.stringify(workloads()).match(/"path":"[^"]*(?:glance|cinder)[^"]*"/g) ?? [];
    expect([...new Set(paths)].sort()).to.deep.equal([
      `"path":"${SHARED_MOUNT}/cinder"`,
      `"path":"${SHARED_MOUNT}/glance"`,
    ]);
  });

  it('runs migrations only where the schema is not that of the image', () => {
    const syncs = all('Job').filter(({ metadata }) => metadata.name.endsWith('-db-sync'));
    expect(syncs).to.have.length(7);
    for (const job of syncs) {
      const command = job.spec?.template?.spec.containers[0] as unknown as { command: string[] };
      expect(command.command.slice(0, 2), job.metadata.name).to.deep.equal(['cloud-job', 'db-sync']);
      expect(command.command.length, job.metadata.name).to.be.greaterThan(2);
    }
  });

  it("leaves it to a stack's trust in which project Heat's trustee is", () => {
    const etc = all('Secret').find(({ metadata }) => metadata.name === 'heat-etc');
    const conf = (etc?.['stringData'] as Readonly<Record<string, string>>)['heat.conf'] ?? '';
    const [trustee = ''] = conf.slice(conf.indexOf('[trustee]') + 1).split('\n[');
    expect(trustee)
      .to.include('username = heat')
      .and.not.to.match(/^project_/m);
  });

  it('joins compute nodes and this host by the cards that the lab agrees about', () => {
    const agents = all('DaemonSet').find(({ metadata }) => metadata.name === 'neutron-ovs-agent-default');
    const peers = NODE_SHAPES.filter(({ role }) => role === 'compute').map(({ address }) => address);
    expect(JSON.stringify(agents)).to.include(
      `{"name":"PEERS","value":"${[...peers, HOST_ADDRESS].join(' ')}"}`,
    );
    const script = readFileSync('reference/images/openstack/files/usr/local/bin/open-vswitch', 'utf8');
    expect(script).to.include(`card outside ${OUTSIDE_CARD.id} ${OUTSIDE_CARD.port}\n`);
    const bootstrap = all('Secret').find(({ metadata }) => metadata.name === 'neutron-jobs');
    expect(JSON.stringify(bootstrap)).to.include(OUTSIDE.gateway).and.to.include(OUTSIDE.subnet);
  });

  it('has no password outside of a Secret', () => {
    const secret = 'x'.repeat(24);
    for (const object of [...rendered.values()].flat())
      if ((object as { kind?: string }).kind !== 'Secret')
        expect(JSON.stringify(object)).not.to.include(secret);
  });
});
