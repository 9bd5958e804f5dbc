import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import {
  createKubernetesApi,
  type OpenKubernetesApi,
} from '../../../src/adapters/kubernetes/kubernetes-api.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import { bundledSuites } from '../../../src/entries/places.ts';
import { collectCluster } from '../../../src/topology/collect-cluster.ts';
import { describeCluster } from '../../../src/topology/describe-cluster.ts';
import { timer } from '../../../src/rehearsal/timers.ts';
import { allCases } from '../../suites/mutation-table.ts';
import { CaseRunner } from '../../suites/case-runner.ts';
import { ADMIN, startModelCluster, type ModelCluster } from '../cluster-api/model-cluster.ts';
import { allReady, startCluster, type Running } from './running-cluster.ts';

describe('model cluster, seen from outside', function () {
  this.timeout(40_000);
  const folder = mkdtempSync(join(tmpdir(), 'squall-model-cluster-'));
  const kubeconfig = join(folder, 'kubeconfig');
  let running: Running;
  let served: ModelCluster;
  let api: OpenKubernetesApi | undefined;

  before(async () => {
    running = await startCluster();
    served = await startModelCluster(running.store);
    await running.eventually('all workloads are ready', () => allReady(running));
    const document = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'model',
      contexts: [{ name: 'model', context: { cluster: 'model', user: 'admin' } }],
      clusters: [{ name: 'model', cluster: { server: served.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'admin', user: { token: ADMIN } }],
    };
    writeFileSync(kubeconfig, JSON.stringify(document));
    api = await createKubernetesApi({
      connection: { kubeconfig },
      environment: {},
      clock: createSystemClock(),
    });
  });

  after(async () => {
    await api?.close();
    await served.close();
    running.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('tells discovery every timer that the model follows', async () => {
    const objects = await collectCluster(
      api as OpenKubernetesApi,
      {},
      served.url,
      new AbortController().signal,
    );
    const { timers, services, systems } = describeCluster(objects, served.url);
    const read = Object.fromEntries(timers.map(({ name, value }) => [name, value.ms]));
    expect(timers.filter(({ source }) => source.startsWith('default'))).to.deep.equal([]);
    expect(read).to.include({
      'node-monitor-grace-period': timer('node-monitor-grace-period'),
      'node-status-update-frequency': timer('node-status-update-frequency'),
      'node-lease-renew-interval': timer('node-lease-renew-interval'),
      'unreachable-toleration': timer('default-unreachable-toleration'),
      'leader-elect-lease-duration': timer('leader-elect-lease-duration'),
      'leader-elect-retry-period': timer('leader-elect-retry-period'),
      'etcd-heartbeat-interval': timer('etcd.heartbeat-interval'),
      'etcd-election-timeout': timer('etcd.election-timeout'),
      'keepalived-advert-interval': timer('keepalived.advert-interval'),
      'health-check-interval': timer('haproxy.check-interval'),
      'health-check-readmission': timer('haproxy.check-interval') * timer('haproxy.check-rise'),
      'readiness-period': timer('readiness-period'),
      'database-suspect-timeout': timer('galera.suspect-timeout'),
      'database-inactive-timeout': timer('galera.inactive-timeout'),
      'service-down-time': timer('nova.service-down-time'),
      'report-interval': timer('nova.report-interval'),
    });
    expect(Object.keys(read)).to.have.length(25);
    expect(systems.map(({ kind, distribution }) => `${kind} ${distribution}`)).to.deep.equal([
      'kubernetes kubeadm',
      'openstack openstack-helm',
    ]);
    const replicas = Object.fromEntries(services.map(({ workload, replicas: count }) => [workload, count]));
    expect(replicas).to.include({
      'keystone-api': 3,
      'mariadb-server': 3,
      'nova-compute-default': 2,
      etcd: 3,
      coredns: 2,
    });
  });

  it('passes every case of the suites of Kubernetes that a model is enough for', async () => {
    const cases = (await allCases(bundledSuites())).filter(
      ({ file, declaration }) =>
        file.name.startsWith('kubernetes/') && declaration.needs.every((need) => need === 'kubernetes'),
    );
    expect(cases.length).to.be.greaterThan(25);
    const runner = new CaseRunner({ kubeconfig }, ['kubernetes']);
    try {
      const outcomes: string[] = [];
      for (const { file, declaration } of cases) {
        const { result } = await runner.run(file, declaration.id);
        if (result.outcome !== 'passed')
          outcomes.push(`${declaration.id}: ${result.outcome} ${result.reason}`);
      }
      expect(outcomes).to.deep.equal([]);
    } finally {
      runner.remove();
    }
  });
});
