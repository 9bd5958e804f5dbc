import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Timer } from '../../src/model/topology.ts';
import { discover, TIMERS } from '../../src/topology/index.ts';
import { readRecording, toolsOf, type Recording } from './recorded-cluster.ts';

const timersOf = async (recording: Recording): Promise<ReadonlyMap<string, Timer>> => {
  const { timers } = await discover(toolsOf(recording), new AbortController().signal);
  expect(timers.map((timer) => timer.name)).to.deep.equal([...new Set(timers.map((timer) => timer.name))]);
  return new Map(timers.map((timer) => [timer.name, timer]));
};

describe('topology: timers', () => {
  // Every value differs from its default, so none can be right by falling back.
  const rows: readonly [name: string, ms: number, source: RegExp][] = [
    ['node-monitor-grace-period', 16_000, /--node-monitor-grace-period of kube-controller-manager/],
    [
      'node-status-update-frequency',
      4000,
      /nodeStatusUpdateFrequency in configmap kube-system\/kubelet-config/,
    ],
    ['node-lease-renew-interval', 5000, /a quarter of nodeLeaseDurationSeconds/],
    ['unreachable-toleration', 45_000, /tolerationSeconds of the pods/],
    ['leader-elect-lease-duration', 8000, /--leader-elect-lease-duration/],
    ['leader-elect-retry-period', 2000, /^default: /],
    ['leader-elect-renew-deadline', 10_000, /^default: /],
    ['node-monitor-period', 5000, /^default: /],
    ['scheduler-lease-duration', 15_000, /leaseDurationSeconds of the lease kube-system\/kube-scheduler/],
    ['scheduler-renew-deadline', 10_000, /^default: /],
    ['scheduler-retry-period', 2000, /^default: /],
    ['etcd-heartbeat-interval', 250, /--heartbeat-interval of etcd/],
    ['etcd-election-timeout', 2500, /--election-timeout of etcd/],
    ['keepalived-advert-interval', 500, /advert_int in configmap kube-system\/keepalived-config/],
    // Version 3: 3 x 500 ms, and (256 - 100) / 256 of 500 ms.
    ['address-failover', 1804.688, /3 x advert_int and the skew time/],
    ['health-check-interval', 1500, /inter in configmap kube-system\/haproxy-config/],
    ['health-check-ejection', 7500, /inter x fall \(4\)/],
    ['health-check-readmission', 4500, /inter x rise \(3\)/],
    ['readiness-period', 20_000, /readinessProbe of openstack\/keystone-api/],
    // Keystone: 20 s x 3 and 15 s; Glance: 10 s x 5 and 5 s.
    ['readiness-ejection', 75_000, /readinessProbe of openstack\/keystone-api/],
    ['pod-start', 5000, /^default: Kubernetes SLO/],
    ['database-suspect-timeout', 30_000, /evs\.suspect_timeout of 20-override\.cnf/],
    ['database-inactive-timeout', 60_000, /evs\.inactive_timeout of 20-override\.cnf/],
    // 3 x 2 s, and (256 - 64) / 256 s.
    ['cloud-address-failover', 6750, /in configmap openstack\/haproxy-config/],
    ['cloud-check-interval', 3000, /inter in configmap openstack\/haproxy-config/],
    ['cloud-check-ejection', 6700, /inter x fall \(2\)/],
    ['cloud-check-readmission', 12_000, /inter x rise \(4\)/],
    ['agent-down-time', 45_000, /agent_down_time of neutron\.conf in secret openstack\/neutron-etc/],
    ['agent-report-interval', 11_000, /\[agent\] report_interval of neutron\.conf/],
    ['rpc-response-timeout', 35_000, /rpc_response_timeout of nova\.conf/],
    ['queue-heartbeat-timeout', 12_000, /\[oslo_messaging_rabbit\] heartbeat_timeout_threshold of nova/],
    ['service-down-time', 90_000, /service_down_time of nova\.conf in secret openstack\/nova-etc/],
    ['report-interval', 15_000, /report_interval of nova\.conf/],
  ];
  for (const [name, ms, source] of rows) {
    it(`reads ${name} from where it is set`, async () => {
      const timer = (await timersOf(readRecording('kubeadm-openstack-helm'))).get(name);
      expect(timer?.value.ms).to.equal(ms);
      expect(timer?.source).to.match(source);
    });
  }

  it('has a row for each timer that there is', () => {
    expect(rows.map(([name]) => name)).to.have.members(TIMERS.map((kind) => kind.name));
  });

  it('falls back to what is documented for the version, and to nothing for what is not there', async () => {
    const kind = await timersOf(readRecording('kind'));
    expect(kind.get('node-monitor-grace-period')?.value.ms).to.equal(40_000);
    expect(kind.get('node-monitor-grace-period')?.source).to.include('v1.31.4');
    // Zero means the default, as it does to a kubelet.
    expect(kind.get('node-lease-renew-interval')).to.deep.include({ value: { ms: 10_000 } });
    expect(kind.get('unreachable-toleration')?.value.ms).to.equal(300_000);
    for (const absent of [
      'address-failover',
      'health-check-ejection',
      'service-down-time',
      'database-suspect-timeout',
    ]) {
      expect(kind.has(absent), absent).to.equal(false);
    }
    expect((await timersOf(readRecording('minikube'))).get('node-monitor-grace-period')?.value.ms).to.equal(
      50_000,
    );
  });

  it('takes the API server flag where the pods say nothing', async () => {
    const recording = readRecording('kubeadm-openstack-helm');
    for (const pod of recording.lists['/api/v1/pods'] ?? [])
      delete (pod['spec'] as { tolerations?: unknown }).tolerations;
    const timer = (await timersOf(recording)).get('unreachable-toleration');
    expect(timer?.value.ms).to.equal(30_000);
    expect(timer?.source).to.include('--default-unreachable-toleration-seconds');
  });

  it('counts the skew of VRRP version 2 in 256ths of a second, and the lowest priority', async () => {
    const recording = readRecording('kubeadm-openstack-helm');
    const config =
      'vrrp_instance a {\n priority 192\n advert_int 2\n}\nvrrp_instance b {\n priority 64 # low\n advert_int 2\n}\n';
    recording.objects['/api/v1/namespaces/kube-system/configmaps/keepalived-config'] = {
      metadata: { name: 'keepalived-config' },
      data: { 'keepalived.conf': config },
    };
    expect((await timersOf(recording)).get('address-failover')?.value.ms).to.equal(6750);
  });

  it('reads etcd from its environment, and the slowest of its members', async () => {
    const recording = readRecording('kubeadm-openstack-helm');
    const members = (recording.lists['/api/v1/pods'] ?? []).filter(
      (pod) => pod.metadata.labels?.['component'] === 'etcd',
    );
    for (const [index, pod] of members.entries()) {
      const [container] = (pod['spec'] as { containers: Record<string, unknown>[] }).containers;
      if (container === undefined) continue;
      container['command'] = ['etcd'];
      container['env'] = [{ name: 'ETCD_HEARTBEAT_INTERVAL', value: String(300 + index) }];
    }
    expect((await timersOf(recording)).get('etcd-heartbeat-interval')?.value.ms).to.equal(302);
  });

  it('is told by an annotation how long a pod takes to start', async () => {
    const recording = readRecording('minikube');
    const [coredns] = recording.lists['/apis/apps/v1/deployments'] ?? [];
    (coredns?.metadata as { annotations: object }).annotations = { 'squall.dev/pod-start': '12s' };
    const timer = (await timersOf(recording)).get('pod-start');
    expect(timer?.value.ms).to.equal(12_000);
    expect(timer?.source).to.include('kube-system/coredns');
  });
});
